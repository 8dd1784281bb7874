<?php
// PHP's own SoapClient and SoapServer on our V1 WSDL, in one process that is asked over and over: a line of JSON in
// (a value, and the request and the answer that we write for it), a line of JSON out (what PHP writes and reads).

// Values as JSON that tells PHP's types apart: floats, arrays as pairs of key and value, objects.
function plain($value) {
    if (is_float($value)) {
        return ['float' => $value];
    }
    $pairs = fn($members) => array_map(fn($key, $member) => [$key, plain($member)], array_keys($members), $members);
    if (is_object($value)) {
        return ['struct' => $pairs(get_object_vars($value))];
    }
    return is_array($value) ? ['array' => $pairs($value)] : $value;
}

function value($plain) {
    if (!is_array($plain)) {
        return $plain;
    }
    if (isset($plain['float'])) {
        return (float) $plain['float'];
    }
    $members = [];
    foreach ($plain['struct'] ?? $plain['array'] as [$key, $member]) {
        $members[$key] = value($member);
    }
    return isset($plain['struct']) ? (object) $members : $members;
}

class Client extends SoapClient {
    public $request, $answer;

    public function __doRequest($request, $location, $action, $version, $oneWay = false): ?string {
        $this->request = $request;
        return $this->answer;
    }

    public function read($answer, $args = null) {
        $this->answer = $answer;
        return plain($this->call('s', 'p', $args));
    }
}

class Handler {
    public $args, $result;

    public function call($sessionId, $path, $args = null) {
        $this->args = plain($args);
        return $this->result;
    }
}

$wsdl = getenv('MAGENTO_SOAP_TEST_WSDL');
$client = new Client($wsdl, ['cache_wsdl' => WSDL_CACHE_NONE]);
while ($line = fgets(STDIN)) {
    $asked = json_decode($line, true);
    $handler = new Handler();
    $handler->result = value($asked['value']);
    $server = new SoapServer($wsdl, ['cache_wsdl' => WSDL_CACHE_MEMORY]);
    $server->setObject($handler);
    $serve = function ($request) use ($server) {
        ob_start();
        $server->handle($request);
        return ob_get_clean();
    };

    $told = ['client reads ours' => $client->read($asked['answer'], $handler->result), 'request' => $client->request];
    $told['answer'] = $serve($client->request);
    $told['server reads PHP'] = $handler->args;
    $told['client reads PHP'] = $client->read($told['answer']);
    $serve($asked['request']);
    $told['server reads ours'] = $handler->args;
    fwrite(STDOUT, json_encode($told, JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR) . "\n");
}
