# The life of an invoice through SOAP::Lite, SOAP V1: arrays and hashes go out and come back.
# usage: perl v1.pl http://127.0.0.1:8080
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use SOAP::Lite;

my $shop = SOAP::Lite->new(proxy => "$ARGV[0]/api/soap/", uri => 'urn:Magento');
my $session = $shop->call(login => 'apiUser', 'apiKey')->result;

# Calls an API method; dies of its fault.
sub api {
    my ($path, @arguments) = @_;
    my $answer = $shop->call(call => $session, $path, \@arguments);
    die $answer->faultcode . ' ' . $answer->faultstring . "\n" if $answer->fault;
    return $answer->result;
}

sub show { print "$_[0]=$_[1]\n" }
sub numbers { join ' ', map { $_->{increment_id} } @{$_[0]} }
sub items { join ', ', map { "$_->{sku} $_->{qty}" } @{$_[0]{items}} }
sub comments { join ', ', map { $_->{comment} } @{$_[0]{comments}} }

show(login => length $session);

show(list => numbers(api('sales_order_invoice.list')));
show(list_filter => numbers(api('sales_order_invoice.list', {order_currency_code => 'EUR'})));
show(list_one => numbers(api('sales_order_invoice.list', {order_currency_code => 'USD', state => 3})));
show(list_none => numbers(api('sales_order_invoice.list', {state => 9})));
show(list_complex => numbers(api('sales_order_invoice.list', {state => {in => [1, 3]}})));

my $invoice = api('sales_order_invoice.info', '100000007');
show(info => "@{$invoice}{qw(state grand_total order_currency_code order_increment_id)}");
show(info_items => items($invoice));
show(info_comments => comments(api('sales_order_invoice.info', '100000008')));

my $number = api('sales_order_invoice.create', '100000028', {50 => 1}, 'one of four');
show(create => $number);
$invoice = api('sales_order_invoice.info', $number);
show(created => "@{$invoice}{qw(state grand_total order_increment_id)}");
show(created_items => items($invoice));
show(created_comments => comments($invoice));
show(add_comment => api('sales_order_invoice.addComment', $number, 'Grüße 日本 ☃ <b>&'));
show(commented => comments(api('sales_order_invoice.info', $number)));
show(capture => api('sales_order_invoice.capture', $number));
show(captured => api('sales_order_invoice.info', $number)->{state});
show(void => api('sales_order_invoice.void', $number));
show(voided => api('sales_order_invoice.info', $number)->{state});

$number = api('sales_order_invoice.create', '100000016');
show(create_all => $number);
show(create_all_items => items(api('sales_order_invoice.info', $number)));
show(cancel => api('sales_order_invoice.cancel', $number));
show(canceled => api('sales_order_invoice.info', $number)->{state});

eval { api('sales_order_invoice.info', '999999999') };
show(fault => $@ =~ s/\n//r);

my ($invoices) = grep { $_->{name} eq 'sales_order_invoice' } @{$shop->call(resources => $session)->result};
show(resources => join ' ', map { $_->{path} } @{$invoices->{methods}});
my $faults = $shop->call(resourceFaults => 'sales_order_invoice', $session)->result;
show(resource_faults => join ' ', map { $_->{code} } @$faults);
show(magento_info => join ' ', @{api('core_magento.info')}{qw(magento_version magento_edition)});
show(start_session => length $shop->call('startSession')->result);

show(end_session => $shop->call(endSession => $session)->result);
eval { api('sales_order_invoice.list') };
show(after => $@ =~ s/\n//r);
