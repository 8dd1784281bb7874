<?php
// A stand-in for a shop's PHP: the API of Magento 1 with a few methods, behind PHP's own SoapServer.
// PHP's web server runs it (see __init__.py). The environment names the database with the sessions, the folder with the
// WSDLs, and the file in which every call is recorded.

declare(strict_types=1);

const PATHS = [
    'magentoInfo' => 'core_magento.info',
    'catalogCategoryTree' => 'catalog_category.tree',
    'catalogProductList' => 'catalog_product.list',
    'catalogProductInfo' => 'catalog_product.info',
    'catalogProductUpdate' => 'catalog_product.update',
    'olSuppliersList' => 'ol_suppliers.list',
    'olSuppliersInfo' => 'ol_suppliers.info',
    'olWebsitesList' => 'ol_websites.list',
    'salesOrderInvoiceList' => 'sales_order_invoice.list',
    'salesOrderInvoiceInfo' => 'sales_order_invoice.info',
];
const BROKEN_IN_WSI = ['resources', 'globalFaults', 'resourceFaults', 'call', 'multiCall'];  // as in Magento
const GLOBAL_FAULTS = [
    ['code' => '1', 'message' => 'Internal Error. Please see log for details.'],
    ['code' => '5', 'message' => 'Session expired. Try to relogin.'],
    ['code' => '42', 'message' => 'A fault of this shop only.'],
];
const RESOURCE_FAULTS = [['code' => '101', 'message' => 'Product not exists.']];
const REST = ['set' => '4', 'type' => 'simple', 'website_ids' => ['1']];  // what a real shop's WSDL requires
const PRODUCTS = [
    ['product_id' => '1', 'sku' => 'cup', 'name' => 'Tasse <Grün> & "blau" 🍵', 'category_ids' => ['3', '4']] + REST,
    ['product_id' => '2', 'sku' => 'empty', 'name' => '', 'category_ids' => []] + REST,
];
const PLACE = ['parent_id' => 1, 'position' => 1, 'level' => 1, 'is_active' => 1];
const CATEGORIES = PLACE + ['category_id' => 1, 'name' => 'Root', 'children' => [
    PLACE + ['category_id' => 2, 'name' => 'Küche', 'children' => [
        PLACE + ['category_id' => 3, 'name' => 'Tassen & <Teller>', 'children' => []],
    ]],
]];
const SUPPLIERS = [['supplier_id' => 7, 'email' => 'jane@shop.example', 'firstname' => 'Jane']];

final class ApiFault extends Exception
{
    public function __construct(public readonly string $number, string $message)
    {
        parent::__construct($message);
    }
}

/** The operations on sessions, and the methods: whatever protocol the call came with. */
final class Shop
{
    public function login(string $username, string $apiKey): string
    {
        $user = $this->row('SELECT user_id FROM api_user WHERE username = ?', [$username]);
        if ($user === null || $apiKey !== 'apiKey') {
            throw new ApiFault('2', 'Access denied.');
        }
        $session = bin2hex(random_bytes(16));
        $sql = 'INSERT INTO api_session (user_id, logdate, sessid) VALUES (?, ?, ?)';
        $this->database()->prepare($sql)->execute([$user['user_id'], gmdate('Y-m-d H:i:s'), $session]);
        return $session;
    }

    public function call(?string $session, string $path, mixed $args = []): mixed
    {
        $this->check($session);
        $args = is_object($args) ? get_object_vars($args) : $args;
        $args = is_array($args) ? array_values($args) : [$args];
        return match (preg_replace('/^order_/', 'sales_order_', $path)) {  // an alias of Magento's
            'core_magento.info' => ['magento_version' => 'from PHP', 'magento_edition' => 'Community'],
            'catalog_category.tree' => CATEGORIES,
            'catalog_product.list' => PRODUCTS,
            'catalog_product.info' => $this->product($args[0] ?? null),
            'catalog_product.update' => true,
            'ol_suppliers.list' => SUPPLIERS,
            'ol_suppliers.info' => $this->supplier($args[0] ?? null),
            'ol_websites.list' => ['base', 'b2b'],
            'magerpsync.values' => [
                'int' => 5, 'float' => 1.5, 'null' => null, 'true' => true, 'list' => [1, 'a', []], 'args' => $args,
            ],
            'magerpsync.digest' => hash('sha256', $args[0]),
            'sales_order_invoice.list' => [['increment_id' => 'from PHP']],
            'sales_order_invoice.info' => ['increment_id' => 'from PHP', 'note' => 'of the shop'],
            'sales_order_invoice.create' => throw new ApiFault('102', 'PHP must not be asked for that.'),
            default => throw new ApiFault('3', 'Invalid api path.'),
        };
    }

    public function multiCall(?string $session, array $calls = [], mixed $options = []): array
    {
        $this->check($session);
        $results = [];
        foreach ($calls as $call) {
            try {
                $results[] = $this->call($session, $call[0], $call[1] ?? []);
            } catch (ApiFault $fault) {
                $results[] = ['isFault' => true, 'faultCode' => $fault->number, 'faultMessage' => $fault->getMessage()];
                if (((array) $options)['break'] ?? false) {
                    break;
                }
            }
        }
        return $results;
    }

    public function resources(?string $session): array
    {
        $this->check($session);
        $resources = [];
        foreach (PATHS as $path) {
            [$resource, $method] = explode('.', $path);
            $resources[$resource] ??= [
                'title' => "$resource of the shop", 'name' => $resource, 'aliases' => [], 'methods' => [],
            ];
            $resources[$resource]['methods'][] = [
                'title' => $method, 'description' => null, 'path' => $path, 'name' => $method, 'aliases' => [],
            ];
        }
        return array_values($resources);
    }

    public function globalFaults(?string $session): array
    {
        return GLOBAL_FAULTS;
    }

    public function resourceFaults(?string $session, ?string $resource = null): array
    {
        $this->check($session);
        return $resource === 'catalog_product' ? RESOURCE_FAULTS : throw new ApiFault('3', 'Invalid api path.');
    }

    private function product(mixed $id): array
    {
        return PRODUCTS[((int) $id) - 1] ?? throw new ApiFault('101', 'Product not exists.');
    }

    private function supplier(mixed $id): array
    {
        return (int) $id === 7 ? SUPPLIERS[0] : throw new ApiFault('102', 'Supplier not exists.');
    }

    private function check(?string $session): void
    {
        if ($session === null || $this->row('SELECT user_id FROM api_session WHERE sessid = ?', [$session]) === null) {
            throw new ApiFault('5', 'Session expired. Try to relogin.');
        }
    }

    private function row(string $sql, array $values): ?array
    {
        $statement = $this->database()->prepare($sql);
        $statement->execute($values);
        return $statement->fetch(PDO::FETCH_ASSOC) ?: null;
    }

    private function database(): PDO
    {
        static $database = null;
        return $database ??= new PDO('sqlite:' . getenv('SHOP_DATABASE'), options: [PDO::ATTR_TIMEOUT => 10]);
    }
}

/** What PHP's SoapServer calls: by the names of V1, of V2, or of WS-I with one object each way. */
final class SoapHandler
{
    public function __construct(private readonly bool $literal)
    {
    }

    public function __call(string $name, array $args): mixed
    {
        if ($this->literal && in_array($name, BROKEN_IN_WSI, true)) {
            $GLOBALS['apiFault'] = true;
            throw new SoapFault('SOAP-ENV:Server', 'Object of class stdClass could not be converted to string');
        }
        if ($this->literal) {
            $args = array_values(get_object_vars($args[0] ?? new stdClass()));
        }
        try {
            $result = isset(PATHS[$name])
                ? (new Shop())->call(array_shift($args), PATHS[$name], $args)
                : (new Shop())->$name(...$args);
        } catch (ApiFault $fault) {
            $GLOBALS['apiFault'] = true;
            throw new SoapFault($fault->number, $fault->getMessage());
        }
        return $this->literal ? (object) ['result' => $result] : $result;
    }
}

function record(string $protocol, string $body): void
{
    $headers = array_filter($_SERVER, fn ($key) => str_starts_with($key, 'HTTP_'), ARRAY_FILTER_USE_KEY);
    $entry = [
        'protocol' => $protocol, 'uri' => $_SERVER['REQUEST_URI'], 'body' => base64_encode($body),
        'type' => $_SERVER['CONTENT_TYPE'] ?? '', 'headers' => $headers,
    ];
    file_put_contents(getenv('SHOP_CALLS'), json_encode($entry) . "\n", FILE_APPEND | LOCK_EX);
}

function serve_soap(string $style, string $body): void
{
    ini_set('soap.wsdl_cache_enabled', '0');
    $server = new SoapServer(getenv('SHOP_WSDLS') . "/$style.server.wsdl", ['cache_wsdl' => WSDL_CACHE_NONE]);
    $server->setObject(new SoapHandler($style === 'wsi'));
    ob_start();
    $server->handle($body);
    $response = ob_get_clean();
    // Magento sends what its handler said with headers and line breaks of its own, and faults of the API with status
    // 200. Faults of PHP's server do not get here when they end the script, and stay as they are otherwise.
    if (($GLOBALS['apiFault'] ?? false) || http_response_code() === 200) {
        header('HTTP/1.1 200 OK');
        header('Content-Type: text/xml; charset=UTF-8');
        header('Set-Cookie: PHPSESSID=0123456789abcdef; path=/; HttpOnly');
        header('Expires: Thu, 19 Nov 1981 08:52:00 GMT');
        header('Cache-Control: no-store, no-cache, must-revalidate');
        $response = $style === 'v1' ? $response : str_replace('><', ">\n<", $response);
    }
    header('Content-Length: ' . strlen($response));
    echo $response;
}

/** As OpenMage: ids become text, every fault has one code, and nothing is said to a notification. */
function serve_json_rpc(string $body): void
{
    header('Content-Type: application/json; charset=utf8');
    $request = json_decode($body, true);
    $method = $request['method'] ?? '';
    $params = array_values($request['params'] ?? []);
    try {
        $answer = ['result' => method_exists(Shop::class, $method)
            ? (new Shop())->$method(...$params)
            : (new Shop())->call($params[0] ?? null, $method, array_slice($params, 1))];
    } catch (ApiFault $fault) {
        $answer = ['error' => ['code' => -32000, 'message' => $fault->getMessage(), 'data' => new stdClass()]];
    }
    $answer['id'] = (string) ($request['id'] ?? '');
    if (($request['jsonrpc'] ?? '') === '2.0') {
        $answer['jsonrpc'] = '2.0';
    }
    if (array_is_list($request) || array_key_exists('id', $request)) {
        echo json_encode($answer);
    }
}

function serve_xml_rpc(string $body): void
{
    header('Content-Type: text/xml; charset=UTF-8');
    $request = simplexml_load_string($body);
    $params = [];
    foreach ($request->params->param ?? [] as $param) {
        $params[] = xml_rpc_value($param->value);
    }
    try {
        $method = (string) $request->methodName;
        $args = $params[2] ?? [];
        if ($method === 'call' && !(is_array($args) && array_is_list($args))) {
            throw new ApiFault('623', 'Calling parameters do not match signature');
        }
        $result = (new Shop())->$method(...$params);
        $content = '<params><param>' . xml_rpc_text($result) . '</param></params>';
    } catch (ApiFault $fault) {
        $fault = ['faultCode' => (int) $fault->number, 'faultString' => $fault->getMessage()];
        $content = '<fault>' . xml_rpc_text($fault) . '</fault>';
    }
    echo "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>$content</methodResponse>\n";
}

function xml_rpc_value(SimpleXMLElement $value): mixed
{
    foreach ($value->children() as $type => $content) {
        switch ($type) {
            case 'array':
                $items = [];
                foreach ($content->data->value as $item) {
                    $items[] = xml_rpc_value($item);
                }
                return $items;
            case 'struct':
                $members = [];
                foreach ($content->member as $member) {
                    $members[(string) $member->name] = xml_rpc_value($member->value);
                }
                return $members;
            default:
                return match ($type) {
                    'int', 'i4' => (int) $content,
                    'double' => (float) $content,
                    'boolean' => (string) $content === '1',
                    'nil' => null,
                    'base64' => base64_decode((string) $content),
                    default => (string) $content,
                };
        }
    }
    return (string) $value;
}

function xml_rpc_text(mixed $value): string
{
    $text = match (true) {
        $value === null => '<nil/>',
        is_bool($value) => '<boolean>' . (int) $value . '</boolean>',
        is_int($value) => "<int>$value</int>",
        is_float($value) => "<double>$value</double>",
        is_string($value) => '<string>' . htmlspecialchars($value, ENT_XML1) . '</string>',
        array_is_list($value) => '<array><data>' . implode(array_map('xml_rpc_text', $value)) . '</data></array>',
        default => '<struct>' . implode(array_map(
            fn ($name, $member) => '<member><name>' . htmlspecialchars((string) $name, ENT_XML1) . '</name>'
                . xml_rpc_text($member) . '</member>',
            array_keys($value),
            $value
        )) . '</struct>',
    };
    return "<value>$text</value>";
}

$path = preg_replace('#^/index\.php(?=/)#', '', parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$adapter = $path === '/api.php' ? ($_GET['type'] ?? 'soap') : (explode('/', trim($path, '/'))[1] ?? 'soap');
$v2 = getenv('SHOP_WSI') ? 'wsi' : 'v2';
$style = ['soap' => 'v1', 'default' => 'v1', 'v2_soap' => $v2, 'soap_v2' => 'v2', 'soap_wsi' => 'wsi'][$adapter] ?? null;
$body = file_get_contents('php://input');
if (isset($_GET['wsdl'])) {
    record('WSDL', $body);
    header('Content-Type: text/xml; charset=UTF-8');
    readfile(getenv('SHOP_WSDLS') . "/$style.wsdl");
} elseif ($style !== null) {
    record($style, $body);
    serve_soap($style, $body);
} elseif ($adapter === 'xmlrpc' || $adapter === 'jsonrpc') {
    record($adapter, $body);
    $adapter === 'xmlrpc' ? serve_xml_rpc($body) : serve_json_rpc($body);
} else {
    http_response_code(404);
    echo '<!DOCTYPE html><html><body>Not found</body></html>';
}
