# The life of an invoice through SOAP::Lite, SOAP V2 with WS-I, without the WSDL: everything
# is in the namespace, arrays repeat their elements. usage: perl wsi.pl http://127.0.0.1:8080
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use SOAP::Lite;

my $shop = SOAP::Lite->new(proxy => "$ARGV[0]/api/v2_soap_wsi/", uri => 'urn:Magento');

# The element that a value becomes, and those below it; an array becomes one element for each entry.
sub element {
    my ($name, $value) = @_;
    return map { element($name, $_) } @$value if ref $value eq 'ARRAY';
    return SOAP::Data->name($name => $value)->type('string') unless ref $value;
    return SOAP::Data->name($name => \SOAP::Data->value(map { element($_, $value->{$_}) } sort keys %$value));
}

# Calls an operation with its parts; dies of its fault.
sub api {
    my ($operation, @parts) = @_;
    my @elements;
    while (my ($name, $value) = splice @parts, 0, 2) {
        push @elements, element($name => $value);
    }
    my $answer = $shop->call("${operation}Param" => @elements);
    die $answer->faultcode . ' ' . $answer->faultstring . "\n" if $answer->fault;
    return $answer->result;
}

# The entries of an array, of which there may be none, one or several.
sub entries {
    my ($array) = @_;
    my $found = ref $array ? $array->{complexObjectArray} : undef;
    return ref $found eq 'ARRAY' ? @$found : defined $found ? ($found) : ();
}

sub show { print "$_[0]=$_[1]\n" }
sub numbers { join ' ', map { $_->{increment_id} } entries($_[0]) }
sub items { join ', ', map { "$_->{sku} $_->{qty}" } entries($_[0]{items}) }
sub comments { join ', ', map { $_->{comment} } entries($_[0]{comments}) }

my $session = api(login => username => 'apiUser', apiKey => 'apiKey');
sub list { api(salesOrderInvoiceListRequest => sessionId => $session, filters => {@_}) }
sub info { api(salesOrderInvoiceInfoRequest => sessionId => $session, invoiceIncrementId => $_[0]) }
show(login => length $session);

show(list => numbers(list()));
show(list_filter => numbers(list(filter => {complexObjectArray => [{key => 'order_currency_code', value => 'EUR'}]})));
my @canceled = ({key => 'order_currency_code', value => 'USD'}, {key => 'state', value => '3'});
show(list_one => numbers(list(filter => {complexObjectArray => \@canceled})));
show(list_none => numbers(list(filter => {complexObjectArray => [{key => 'state', value => '9'}]})));
my @open_or_canceled = ({key => 'state', value => {key => 'in', value => '1,3'}});
show(list_complex => numbers(list(complex_filter => {complexObjectArray => \@open_or_canceled})));

my $invoice = info('100000007');
show(info => "@{$invoice}{qw(state grand_total order_currency_code order_increment_id)}");
show(info_items => items($invoice));
show(info_comments => comments(info('100000008')));

my $number = api(
    salesOrderInvoiceCreateRequest =>
        sessionId => $session,
        invoiceIncrementId => '100000028',    # the WSDL calls the order's number so
        itemsQty => {complexObjectArray => [{order_item_id => 50, qty => 1}]},
        comment => 'one of four',
);
show(create => $number);
$invoice = info($number);
show(created => "@{$invoice}{qw(state grand_total order_increment_id)}");
show(created_items => items($invoice));
show(created_comments => comments($invoice));
my @its = (sessionId => $session, invoiceIncrementId => $number);
show(add_comment => api(salesOrderInvoiceAddCommentRequest => @its, comment => 'Grüße 日本 ☃ <b>&'));
show(commented => comments(info($number)));
show(capture => api(salesOrderInvoiceCaptureRequest => @its));
show(captured => info($number)->{state});
show(void => api(salesOrderInvoiceVoidRequest => @its));
show(voided => info($number)->{state});

$number = api(salesOrderInvoiceCreateRequest => sessionId => $session, invoiceIncrementId => '100000016');
show(create_all => $number);
show(create_all_items => items(info($number)));
show(cancel => api(salesOrderInvoiceCancelRequest => sessionId => $session, invoiceIncrementId => $number));
show(canceled => info($number)->{state});

eval { info('999999999') };
show(fault => $@ =~ s/\n//r);

my ($invoices) = grep { $_->{name} eq 'sales_order_invoice' } entries(api(resourcesRequest => sessionId => $session));
show(resources => join ' ', map { $_->{path} } entries($invoices->{methods}));
my $faults = api(resourceFaults => sessionId => $session, resourceName => 'sales_order_invoice');
show(resource_faults => join ' ', map { $_->{code} } entries($faults));
my $installation = api(magentoInfoRequest => sessionId => $session);
show(magento_info => "$installation->{magento_version} $installation->{magento_edition}");
show(start_session => length api('startSession'));

show(end_session => api(endSession => sessionId => $session));
eval { list() };
show(after => $@ =~ s/\n//r);
