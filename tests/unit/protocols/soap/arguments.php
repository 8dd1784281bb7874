<?php
// Answers every SOAP call with a fault whose text is its arguments as JSON; structs are marked with "~".
function plain($value) {
    if (is_object($value)) {
        return ['~' => array_map('plain', get_object_vars($value))];
    }
    return is_array($value) ? array_map('plain', $value) : $value;
}

class Arguments {
    public function __call($name, $arguments) {
        $flags = JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE;
        throw new SoapFault('arguments', json_encode(plain($arguments), $flags));
    }
}

ini_set('soap.wsdl_cache_enabled', '0');
$server = new SoapServer(getenv('MAGENTO_SOAP_TEST_WSDL'), ['cache_wsdl' => WSDL_CACHE_NONE]);
$server->setObject(new Arguments());
$server->handle();
