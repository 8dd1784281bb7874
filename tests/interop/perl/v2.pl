# The life of an invoice through SOAP::Lite, SOAP V2, without the WSDL: parts go by name.
# usage: perl v2.pl http://127.0.0.1:8080
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use SOAP::Lite;

my $shop = SOAP::Lite->new(proxy => "$ARGV[0]/api/v2_soap/", uri => 'urn:Magento');

# Calls an operation with its parts; dies of its fault.
sub api {
    my ($operation, @parts) = @_;
    my @data;
    while (my ($name, $value) = splice @parts, 0, 2) {
        my $part = SOAP::Data->name($name => $value);
        push @data, ref $value ? $part : $part->type('string');
    }
    my $answer = $shop->call($operation => @data);
    die $answer->faultcode . ' ' . $answer->faultstring . "\n" if $answer->fault;
    return $answer->result;
}

sub show { print "$_[0]=$_[1]\n" }
sub numbers { join ' ', map { $_->{increment_id} } @{$_[0]} }
sub items { join ', ', map { "$_->{sku} $_->{qty}" } @{$_[0]{items}} }
sub comments { join ', ', map { $_->{comment} } @{$_[0]{comments}} }

my $session = api(login => username => 'apiUser', apiKey => 'apiKey');
sub list { api(salesOrderInvoiceList => sessionId => $session, filters => {@_}) }
sub info { api(salesOrderInvoiceInfo => sessionId => $session, invoiceIncrementId => $_[0]) }
show(login => length $session);

show(list => numbers(list()));
show(list_filter => numbers(list(filter => [{key => 'order_currency_code', value => 'EUR'}])));
my @canceled = ({key => 'order_currency_code', value => 'USD'}, {key => 'state', value => '3'});
show(list_one => numbers(list(filter => \@canceled)));
show(list_none => numbers(list(filter => [{key => 'state', value => '9'}])));
my @open_or_canceled = ({key => 'state', value => {key => 'in', value => '1,3'}});
show(list_complex => numbers(list(complex_filter => \@open_or_canceled)));

my $invoice = info('100000007');
show(info => "@{$invoice}{qw(state grand_total order_currency_code order_increment_id)}");
show(info_items => items($invoice));
show(info_comments => comments(info('100000008')));

my $number = api(
    salesOrderInvoiceCreate =>
        sessionId => $session,
        invoiceIncrementId => '100000028',    # the WSDL calls the order's number so
        itemsQty => [{order_item_id => 50, qty => 1}],
        comment => 'one of four',
);
show(create => $number);
$invoice = info($number);
show(created => "@{$invoice}{qw(state grand_total order_increment_id)}");
show(created_items => items($invoice));
show(created_comments => comments($invoice));
my @its = (sessionId => $session, invoiceIncrementId => $number);
show(add_comment => api(salesOrderInvoiceAddComment => @its, comment => 'Grüße 日本 ☃ <b>&'));
show(commented => comments(info($number)));
show(capture => api(salesOrderInvoiceCapture => @its));
show(captured => info($number)->{state});
show(void => api(salesOrderInvoiceVoid => @its));
show(voided => info($number)->{state});

$number = api(salesOrderInvoiceCreate => sessionId => $session, invoiceIncrementId => '100000016');
show(create_all => $number);
show(create_all_items => items(info($number)));
show(cancel => api(salesOrderInvoiceCancel => sessionId => $session, invoiceIncrementId => $number));
show(canceled => info($number)->{state});

eval { info('999999999') };
show(fault => $@ =~ s/\n//r);

my ($invoices) = grep { $_->{name} eq 'sales_order_invoice' } @{api(resources => sessionId => $session)};
show(resources => join ' ', map { $_->{path} } @{$invoices->{methods}});
my $faults = api(resourceFaults => resourceName => 'sales_order_invoice', sessionId => $session);
show(resource_faults => join ' ', map { $_->{code} } @$faults);
show(magento_info => join ' ', @{api(magentoInfo => sessionId => $session)}{qw(magento_version magento_edition)});
show(start_session => length api('startSession'));

show(end_session => api(endSession => sessionId => $session));
eval { list() };
show(after => $@ =~ s/\n//r);
