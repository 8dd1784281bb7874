"""The columns of Magento 1's tables, in table order, as far as sales, accounts and configuration reach.

The notation: a table's name, then indented lines ``type column column ...``. A column may carry ``!`` (NOT NULL),
``=x`` (default x) and ``>table`` (foreign key on that table's primary key, deleted along with it) or ``>table?`` (set
to NULL instead). ``id`` and ``smallid`` are numbered by the database. ``primary``, ``unique`` and ``index`` list keys,
``+`` joining the columns of one key. ``tables.py`` reads it.

Session ids are 64 characters and login counts 32 bits wide as in newer shops (SES-1, BUG-28); older ones fit as well.
"""

LAYOUT = """
api_assert
    id        assert_id
    string20  assert_type
    text      assert_data

api_role
    id        role_id
    uint      parent_id!=0
    ushort    tree_level!=0 sort_order!=0
    string1   role_type!=0
    uint      user_id!=0
    string50  role_name
    index     parent_id+sort_order tree_level

api_rule
    id        rule_id
    uint      role_id!=0>api_role
    string    resource_id
    string20  api_privileges
    uint      assert_id!=0
    string1   role_type
    string10  api_permission
    index     resource_id+role_id role_id+resource_id

api_session
    uint      user_id!>api_user
    time      logdate!
    string64  sessid
    index     user_id sessid

api_user
    id        user_id
    string32  firstname lastname
    string128 email
    string40  username
    string    api_key
    time      created! modified
    uint      lognum!=0
    short     reload_acl_flag!=0 is_active!=1

cataloginventory_stock_item
    id        item_id
    uint      product_id!=0
    ushort    stock_id!=0
    decimal   qty!=0.0000 min_qty!=0.0000
    ushort    use_config_min_qty!=1 is_qty_decimal!=0 backorders!=0 use_config_backorders!=1
    decimal   min_sale_qty!=1.0000
    ushort    use_config_min_sale_qty!=1
    decimal   max_sale_qty!=0.0000
    ushort    use_config_max_sale_qty!=1 is_in_stock!=0
    time      low_stock_date
    decimal   notify_stock_qty
    ushort    use_config_notify_stock_qty!=1 manage_stock!=0 use_config_manage_stock!=1 stock_status_changed_auto!=0
    ushort    use_config_qty_increments!=1
    decimal   qty_increments!=0.0000
    ushort    use_config_enable_qty_inc!=1 enable_qty_increments!=0 is_decimal_divided!=0
    unique    product_id+stock_id
    index     product_id stock_id

cataloginventory_stock_status
    uint      product_id!
    ushort    website_id!>core_website stock_id!
    decimal   qty!=0.0000
    ushort    stock_status!
    primary   product_id+website_id+stock_id
    index     stock_id website_id

core_config_data
    id        config_id
    string8   scope!=default
    int       scope_id!=0
    string    path!=general
    text      value
    time      updated_at
    unique    scope+scope_id+path

core_email_queue
    id        message_id
    uint      entity_id
    string128 entity_type event_type
    string64  message_body_hash!
    mediumtext message_body!
    text      message_parameters!
    time      created_at processed_at
    index     entity_id+entity_type+event_type+message_body_hash

core_email_queue_recipients
    id        recipient_id
    uint      message_id!>core_email_queue
    string128 recipient_email!
    string    recipient_name!
    short     email_type!=0
    unique    message_id+recipient_email+email_type
    index     recipient_email email_type

core_store
    smallid   store_id
    string32  code
    ushort    website_id!=0>core_website group_id!=0>core_store_group
    string    name!
    ushort    sort_order!=0 is_active!=0
    unique    code
    index     website_id is_active+sort_order group_id

core_store_group
    smallid   group_id
    ushort    website_id!=0>core_website
    string    name!
    uint      root_category_id!=0
    ushort    default_store_id!=0
    index     website_id default_store_id

core_website
    smallid   website_id
    string32  code
    string64  name
    ushort    sort_order!=0 default_group_id!=0 is_default=0
    unique    code
    index     sort_order default_group_id

customer_address_entity
    id        entity_id
    ushort    entity_type_id!=0 attribute_set_id!=0
    string50  increment_id
    uint      parent_id>customer_entity
    time      created_at! updated_at!
    ushort    is_active!=1
    index     parent_id

customer_address_entity_datetime
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_address_entity
    datetime  value!
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_address_entity_decimal
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_address_entity
    decimal   value!=0.0000
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_address_entity_int
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_address_entity
    int       value!=0
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_address_entity_text
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_address_entity
    text      value!
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id

customer_address_entity_varchar
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_address_entity
    string    value
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_entity
    id        entity_id
    ushort    entity_type_id!=0 attribute_set_id!=0 website_id>core_website?
    string    email
    ushort    group_id!=0
    string50  increment_id
    ushort    store_id=0>core_store?
    time      created_at! updated_at!
    ushort    is_active!=1 disable_auto_group_change!=0
    unique    email+website_id
    index     store_id entity_type_id email+website_id website_id

customer_entity_datetime
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_entity
    datetime  value!
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_entity_decimal
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_entity
    decimal   value!=0.0000
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_entity_int
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_entity
    int       value!=0
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_entity_text
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_entity
    text      value!
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id

customer_entity_varchar
    id        value_id
    ushort    entity_type_id!=0>eav_entity_type attribute_id!=0
    uint      entity_id!=0>customer_entity
    string    value
    unique    entity_id+attribute_id
    index     entity_type_id attribute_id entity_id entity_id+attribute_id+value

customer_group
    smallid   customer_group_id
    string32  customer_group_code!
    uint      tax_class_id!=0

directory_country_region
    id        region_id
    string4   country_id!=0
    string32  code
    string    default_name
    index     country_id

directory_currency_rate
    string3   currency_from!= currency_to!=
    rate      rate!=0.000000000000
    primary   currency_from+currency_to
    index     currency_to

eav_attribute
    smallid   attribute_id
    ushort    entity_type_id!=0>eav_entity_type
    string    attribute_code attribute_model backend_model
    string8   backend_type!=static
    string    backend_table frontend_model
    string50  frontend_input
    string    frontend_label frontend_class source_model
    ushort    is_required!=0 is_user_defined!=0
    text      default_value
    ushort    is_unique!=0
    string    note
    unique    entity_type_id+attribute_code
    index     entity_type_id

eav_entity_store
    id        entity_store_id
    ushort    entity_type_id!=0>eav_entity_type store_id!=0>core_store
    string20  increment_prefix
    string50  increment_last_id
    index     entity_type_id store_id

eav_entity_type
    smallid   entity_type_id
    string50  entity_type_code!
    string    entity_model! attribute_model entity_table value_table_prefix entity_id_field
    ushort    is_data_sharing!=1
    string100 data_sharing_key=default
    ushort    default_attribute_set_id!=0
    string    increment_model=
    ushort    increment_per_store!=0 increment_pad_length!=8
    string1   increment_pad_char!=0
    string    additional_attribute_table= entity_attribute_collection
    index     entity_type_code

gift_message
    id        gift_message_id
    uint      customer_id!=0
    string    sender recipient
    text      message

sales_flat_creditmemo
    id        entity_id
    ushort    store_id>core_store?
    decimal   adjustment_positive base_shipping_tax_amount store_to_order_rate base_discount_amount base_to_order_rate
    decimal   grand_total base_adjustment_negative base_subtotal_incl_tax shipping_amount subtotal_incl_tax
    decimal   adjustment_negative base_shipping_amount store_to_base_rate base_to_global_rate base_adjustment
    decimal   base_subtotal discount_amount subtotal adjustment base_grand_total base_adjustment_positive
    decimal   base_tax_amount shipping_tax_amount tax_amount
    uint      order_id!>sales_flat_order
    ushort    email_sent
    int       creditmemo_status state shipping_address_id billing_address_id invoice_id
    string3   store_currency_code order_currency_code base_currency_code global_currency_code
    string    transaction_id
    string50  increment_id
    time      created_at updated_at
    decimal   hidden_tax_amount base_hidden_tax_amount shipping_hidden_tax_amount base_shipping_hidden_tax_amnt
    decimal   shipping_incl_tax base_shipping_incl_tax
    string    discount_description
    unique    increment_id
    index     store_id order_id creditmemo_status state created_at

sales_flat_creditmemo_comment
    id        entity_id
    uint      parent_id!>sales_flat_creditmemo
    int       is_customer_notified
    ushort    is_visible_on_front!=0
    text      comment
    time      created_at
    index     created_at parent_id

sales_flat_creditmemo_grid
    uint      entity_id!>sales_flat_creditmemo
    ushort    store_id>core_store?
    decimal   store_to_order_rate base_to_order_rate grand_total store_to_base_rate base_to_global_rate
    decimal   base_grand_total
    uint      order_id!
    int       creditmemo_status state invoice_id
    string3   store_currency_code order_currency_code base_currency_code global_currency_code
    string50  increment_id order_increment_id
    time      created_at order_created_at
    string    billing_name
    primary   entity_id
    unique    increment_id
    index     store_id grand_total base_grand_total order_id creditmemo_status state order_increment_id created_at
    index     order_created_at billing_name

sales_flat_creditmemo_item
    id        entity_id
    uint      parent_id!>sales_flat_creditmemo
    decimal   base_price tax_amount base_row_total discount_amount row_total base_discount_amount price_incl_tax
    decimal   base_tax_amount base_price_incl_tax qty base_cost price base_row_total_incl_tax row_total_incl_tax
    int       product_id order_item_id
    text      additional_data description
    string    sku name
    decimal   hidden_tax_amount base_hidden_tax_amount weee_tax_disposition weee_tax_row_disposition
    decimal   base_weee_tax_disposition base_weee_tax_row_disposition
    text      weee_tax_applied
    decimal   base_weee_tax_applied_amount base_weee_tax_applied_row_amnt weee_tax_applied_amount
    decimal   weee_tax_applied_row_amount
    index     parent_id

sales_flat_invoice
    id        entity_id
    ushort    store_id>core_store?
    decimal   base_grand_total shipping_tax_amount tax_amount base_tax_amount store_to_order_rate
    decimal   base_shipping_tax_amount base_discount_amount base_to_order_rate grand_total shipping_amount
    decimal   subtotal_incl_tax base_subtotal_incl_tax store_to_base_rate base_shipping_amount total_qty
    decimal   base_to_global_rate subtotal base_subtotal discount_amount
    int       billing_address_id
    ushort    is_used_for_refund
    uint      order_id!>sales_flat_order
    ushort    email_sent can_void_flag
    int       state shipping_address_id
    string3   store_currency_code
    string    transaction_id
    string3   order_currency_code base_currency_code global_currency_code
    string50  increment_id
    time      created_at updated_at
    decimal   hidden_tax_amount base_hidden_tax_amount shipping_hidden_tax_amount base_shipping_hidden_tax_amnt
    decimal   shipping_incl_tax base_shipping_incl_tax base_total_refunded
    string    discount_description
    unique    increment_id
    index     store_id grand_total order_id state created_at

sales_flat_invoice_comment
    id        entity_id
    uint      parent_id!>sales_flat_invoice
    ushort    is_customer_notified is_visible_on_front!=0
    text      comment
    time      created_at
    index     created_at parent_id

sales_flat_invoice_grid
    uint      entity_id!>sales_flat_invoice
    ushort    store_id>core_store?
    decimal   base_grand_total grand_total
    uint      order_id!
    int       state
    string3   store_currency_code order_currency_code base_currency_code global_currency_code
    string50  increment_id order_increment_id
    time      created_at order_created_at
    string    billing_name
    primary   entity_id
    unique    increment_id
    index     store_id grand_total order_id state order_increment_id created_at order_created_at billing_name

sales_flat_invoice_item
    id        entity_id
    uint      parent_id!>sales_flat_invoice
    decimal   base_price tax_amount base_row_total discount_amount row_total base_discount_amount price_incl_tax
    decimal   base_tax_amount base_price_incl_tax qty base_cost price base_row_total_incl_tax row_total_incl_tax
    int       product_id order_item_id
    text      additional_data description
    string    sku name
    decimal   hidden_tax_amount base_hidden_tax_amount base_weee_tax_applied_amount base_weee_tax_applied_row_amnt
    decimal   weee_tax_applied_amount weee_tax_applied_row_amount
    text      weee_tax_applied
    decimal   weee_tax_disposition weee_tax_row_disposition base_weee_tax_disposition base_weee_tax_row_disposition
    index     parent_id

sales_flat_order
    id        entity_id
    string32  state status
    string    coupon_code protect_code shipping_description
    ushort    is_virtual store_id>core_store?
    uint      customer_id>customer_entity?
    decimal   base_discount_amount base_discount_canceled base_discount_invoiced base_discount_refunded base_grand_total
    decimal   base_shipping_amount base_shipping_canceled base_shipping_invoiced base_shipping_refunded
    decimal   base_shipping_tax_amount base_shipping_tax_refunded base_subtotal base_subtotal_canceled
    decimal   base_subtotal_invoiced base_subtotal_refunded base_tax_amount base_tax_canceled base_tax_invoiced
    decimal   base_tax_refunded base_to_global_rate base_to_order_rate base_total_canceled base_total_invoiced
    decimal   base_total_invoiced_cost base_total_offline_refunded base_total_online_refunded base_total_paid
    decimal   base_total_qty_ordered base_total_refunded discount_amount discount_canceled discount_invoiced
    decimal   discount_refunded grand_total shipping_amount shipping_canceled shipping_invoiced shipping_refunded
    decimal   shipping_tax_amount shipping_tax_refunded store_to_base_rate store_to_order_rate subtotal
    decimal   subtotal_canceled subtotal_invoiced subtotal_refunded tax_amount tax_canceled tax_invoiced tax_refunded
    decimal   total_canceled total_invoiced total_offline_refunded total_online_refunded total_paid total_qty_ordered
    decimal   total_refunded
    ushort    can_ship_partially can_ship_partially_item customer_is_guest customer_note_notify
    int       billing_address_id
    short     customer_group_id
    int       edit_increment
    ushort    email_sent forced_shipment_with_invoice
    int       payment_auth_expiration quote_address_id quote_id shipping_address_id
    decimal   adjustment_negative adjustment_positive base_adjustment_negative base_adjustment_positive
    decimal   base_shipping_discount_amount base_subtotal_incl_tax base_total_due payment_authorization_amount
    decimal   shipping_discount_amount subtotal_incl_tax total_due weight
    datetime  customer_dob
    string50  increment_id
    string    applied_rule_ids
    string3   base_currency_code
    string    customer_email customer_firstname customer_lastname customer_middlename customer_prefix customer_suffix
    string    customer_taxvat discount_description ext_customer_id ext_order_id
    string3   global_currency_code
    string    hold_before_state hold_before_status order_currency_code
    string50  original_increment_id
    string32  relation_child_id relation_child_real_id relation_parent_id relation_parent_real_id
    string    remote_ip shipping_method
    string3   store_currency_code
    string    store_name x_forwarded_for
    text      customer_note
    time      created_at updated_at
    ushort    total_item_count!=0
    int       customer_gender
    decimal   hidden_tax_amount base_hidden_tax_amount shipping_hidden_tax_amount base_shipping_hidden_tax_amnt
    decimal   hidden_tax_invoiced base_hidden_tax_invoiced hidden_tax_refunded base_hidden_tax_refunded
    decimal   shipping_incl_tax base_shipping_incl_tax
    string    coupon_rule_name
    int       paypal_ipn_customer_notified=0 gift_message_id
    unique    increment_id
    index     status state store_id created_at customer_id ext_order_id quote_id updated_at customer_email

sales_flat_order_address
    id        entity_id
    uint      parent_id>sales_flat_order
    int       customer_address_id quote_address_id region_id customer_id
    string    fax region postcode lastname street city email telephone
    string2   country_id
    string    firstname address_type prefix middlename suffix company
    text      vat_id
    short     vat_is_valid
    text      vat_request_id vat_request_date
    short     vat_request_success
    index     parent_id

sales_flat_order_grid
    uint      entity_id!>sales_flat_order
    string32  status
    ushort    store_id>core_store?
    string    store_name
    uint      customer_id>customer_entity?
    decimal   base_grand_total base_total_paid grand_total total_paid
    string50  increment_id
    string3   base_currency_code
    string    order_currency_code shipping_name billing_name
    time      created_at updated_at
    primary   entity_id
    unique    increment_id
    index     status store_id base_grand_total base_total_paid grand_total total_paid shipping_name billing_name
    index     created_at customer_id updated_at

sales_flat_order_item
    id        item_id
    uint      order_id!=0>sales_flat_order parent_item_id quote_item_id
    ushort    store_id>core_store?
    time      created_at! updated_at!
    uint      product_id
    string    product_type
    text      product_options
    decimal   weight=0.0000
    ushort    is_virtual
    string    sku name
    text      description applied_rule_ids additional_data
    ushort    free_shipping!=0 is_qty_decimal no_discount!=0
    decimal   qty_backordered=0.0000 qty_canceled=0.0000 qty_invoiced=0.0000 qty_ordered=0.0000 qty_refunded=0.0000
    decimal   qty_shipped=0.0000 base_cost=0.0000 price!=0.0000 base_price!=0.0000 original_price base_original_price
    decimal   tax_percent=0.0000 tax_amount=0.0000 base_tax_amount=0.0000 tax_invoiced=0.0000 base_tax_invoiced=0.0000
    decimal   discount_percent=0.0000 discount_amount=0.0000 base_discount_amount=0.0000 discount_invoiced=0.0000
    decimal   base_discount_invoiced=0.0000 amount_refunded=0.0000 base_amount_refunded=0.0000 row_total!=0.0000
    decimal   base_row_total!=0.0000 row_invoiced!=0.0000 base_row_invoiced!=0.0000 row_weight=0.0000
    decimal   base_tax_before_discount tax_before_discount
    string    ext_order_item_id
    ushort    locked_do_invoice locked_do_ship
    decimal   price_incl_tax base_price_incl_tax row_total_incl_tax base_row_total_incl_tax hidden_tax_amount
    decimal   base_hidden_tax_amount hidden_tax_invoiced base_hidden_tax_invoiced hidden_tax_refunded
    decimal   base_hidden_tax_refunded
    int       is_nominal!=0
    decimal   tax_canceled hidden_tax_canceled tax_refunded base_tax_refunded discount_refunded base_discount_refunded
    int       gift_message_id gift_message_available
    decimal   base_weee_tax_applied_amount base_weee_tax_applied_row_amnt weee_tax_applied_amount
    decimal   weee_tax_applied_row_amount
    text      weee_tax_applied
    decimal   weee_tax_disposition weee_tax_row_disposition base_weee_tax_disposition base_weee_tax_row_disposition
    index     order_id store_id product_id

sales_flat_order_payment
    id        entity_id
    uint      parent_id!>sales_flat_order
    decimal   base_shipping_captured shipping_captured amount_refunded base_amount_paid amount_canceled
    decimal   base_amount_authorized base_amount_paid_online base_amount_refunded_online base_shipping_amount
    decimal   shipping_amount amount_paid amount_authorized base_amount_ordered base_shipping_refunded shipping_refunded
    decimal   base_amount_refunded amount_ordered base_amount_canceled
    int       quote_payment_id
    text      additional_data
    string    cc_exp_month cc_ss_start_year echeck_bank_name method cc_debug_request_body cc_secure_verify
    string    protection_eligibility cc_approval cc_last4 cc_status_description echeck_type cc_debug_response_serialized
    string    cc_ss_start_month echeck_account_type last_trans_id cc_cid_status cc_owner cc_type po_number cc_exp_year
    string    cc_status echeck_routing_number account_status anet_trans_method cc_debug_response_body cc_ss_issue
    string    echeck_account_name cc_avs_status cc_number_enc cc_trans_id paybox_request_number address_status
    text      additional_information
    index     parent_id

sales_flat_order_status_history
    id        entity_id
    uint      parent_id!>sales_flat_order
    int       is_customer_notified
    ushort    is_visible_on_front!=0
    text      comment
    string32  status
    time      created_at
    string32  entity_name
    index     parent_id created_at

sales_flat_shipment
    id        entity_id
    ushort    store_id>core_store?
    decimal   total_weight total_qty
    ushort    email_sent
    uint      order_id!>sales_flat_order
    int       customer_id shipping_address_id billing_address_id shipment_status
    string50  increment_id
    time      created_at updated_at
    text      packages
    mediumblob shipping_label
    unique    increment_id
    index     store_id total_qty order_id created_at updated_at

sales_flat_shipment_comment
    id        entity_id
    uint      parent_id!>sales_flat_shipment
    int       is_customer_notified
    ushort    is_visible_on_front!=0
    text      comment
    time      created_at
    index     created_at parent_id

sales_flat_shipment_grid
    uint      entity_id!>sales_flat_shipment
    ushort    store_id>core_store?
    decimal   total_qty
    uint      order_id!
    int       shipment_status
    string50  increment_id order_increment_id
    time      created_at order_created_at
    string    shipping_name
    primary   entity_id
    unique    increment_id
    index     store_id total_qty order_id shipment_status order_increment_id created_at order_created_at shipping_name

sales_flat_shipment_item
    id        entity_id
    uint      parent_id!>sales_flat_shipment
    decimal   row_total price weight qty
    int       product_id order_item_id
    text      additional_data description
    string    name sku
    index     parent_id

sales_flat_shipment_track
    id        entity_id
    uint      parent_id!>sales_flat_shipment
    decimal   weight qty
    uint      order_id!
    text      track_number description
    string    title
    string32  carrier_code
    time      created_at updated_at
    index     parent_id order_id created_at

sales_order_status
    string32  status!
    string128 label!
    primary   status

sales_order_status_label
    string32  status!>sales_order_status
    ushort    store_id!>core_store
    string128 label!
    primary   status+store_id
    index     store_id

sales_order_status_state
    string32  status!>sales_order_status state!
    ushort    is_default!=0
    primary   status+state

sales_order_tax
    id        tax_id
    uint      order_id!
    string    code title
    decimal   percent amount
    int       priority! position!
    decimal   base_amount
    short     process!
    decimal   base_real_amount
    ushort    hidden!=0
    index     order_id+priority+position

sales_order_tax_item
    id        tax_item_id
    uint      tax_id!>sales_order_tax item_id!>sales_flat_order_item
    decimal   tax_percent!
    unique    tax_id+item_id
    index     tax_id item_id

sales_payment_transaction
    id        transaction_id
    uint      parent_id>sales_payment_transaction order_id!=0>sales_flat_order payment_id!=0>sales_flat_order_payment
    string100 txn_id parent_txn_id
    string15  txn_type
    ushort    is_closed!=1
    blob      additional_information
    time      created_at
    unique    order_id+payment_id+txn_id
    index     order_id parent_id payment_id

salesrule
    id        rule_id
    string    name
    text      description
    date      from_date to_date
    int       uses_per_customer!=0
    short     is_active!=0
    mediumtext conditions_serialized actions_serialized
    short     stop_rules_processing!=1
    ushort    is_advanced!=1
    text      product_ids
    uint      sort_order!=0
    string32  simple_action
    decimal   discount_amount!=0.0000 discount_qty
    uint      discount_step!
    ushort    simple_free_shipping!=0 apply_to_shipping!=0
    uint      times_used!=0
    short     is_rss!=0
    ushort    coupon_type!=1
    short     use_auto_generation!=0
    int       uses_per_coupon!=0
    index     is_active+sort_order+to_date+from_date

salesrule_coupon
    id        coupon_id
    uint      rule_id!>salesrule
    string    code
    uint      usage_limit usage_per_customer times_used!=0
    time      expiration_date
    ushort    is_primary
    time      created_at!
    short     type=0
    unique    code rule_id+is_primary
    index     rule_id

salesrule_coupon_usage
    uint      coupon_id!>salesrule_coupon customer_id!>customer_entity times_used!=0
    primary   coupon_id+customer_id
    index     coupon_id customer_id

salesrule_customer
    id        rule_customer_id
    uint      rule_id!=0>salesrule customer_id!=0>customer_entity
    ushort    times_used!=0
    index     rule_id+customer_id customer_id+rule_id
"""
