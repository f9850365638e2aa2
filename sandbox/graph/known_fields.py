"""Fields that Meta's nodes have, whether or not the sandbox has a value for them: asking for these is no mistake."""

ACCOUNT = (
    "account_review_status", "analytics", "auth_international_rate_eligibility", "business_verification_status",
    "conversation_analytics", "country", "creation_time", "currency", "disable_marketing_messages_on_cloud_api",
    "health_status", "id", "is_enabled_for_insights", "is_shared_with_partners", "linked_commerce_account",
    "marketing_messages_ad_account", "marketing_messages_lite_api_status", "marketing_messages_onboarding_status",
    "message_template_namespace", "name", "on_behalf_of_business_info", "owner_business", "owner_business_info",
    "ownership_type", "pricing_analytics", "primary_business_location", "primary_funding_id",
    "purchase_order_number", "service_pricing_policy", "status", "template_analytics",
    "template_auto_archival_enabled", "timezone_id", "whatsapp_business_manager_messaging_limit",
    "whatsapp_manager_marketing_messages_max_price_enroll_status",
)  # fmt: skip
PHONE_NUMBER = (
    "account_mode", "certificate", "code_verification_status", "conversational_automation", "country_code",
    "country_dial_code", "display_phone_number", "eligibility_for_api_business_global_search", "health_status",
    "host_platform", "id", "is_official_business_account", "is_on_biz_app", "is_pin_enabled",
    "is_preverified_number", "last_onboarded_time", "name_status", "new_certificate", "new_display_name",
    "new_name_status", "platform_type", "quality_rating", "quality_score", "search_visibility", "status",
    "throughput", "username", "verified_name", "webhook_configuration", "whatsapp_business_manager_messaging_limit",
)  # fmt: skip
TEMPLATE = (
    "category", "components", "correct_category", "cta_url_link_tracking_opted_out", "degrees_of_freedom_spec",
    "display_format", "id", "is_primary_device_delivery_only", "language", "last_updated_time",
    "library_template_name", "message_send_ttl_seconds", "name", "parameter_format", "previous_category",
    "quality_score", "rejected_reason", "status", "sub_category",
)  # fmt: skip
CATALOG = (
    "ad_account_to_collaborative_ads_share_settings", "additional_vertical_option",
    "agency_collaborative_ads_share_settings", "business", "business_metadata", "catalog_segment_filter",
    "catalog_segment_product_set_id", "catalog_store", "commerce_merchant_settings", "creator_user",
    "da_display_settings", "default_image_url", "destination_catalog_settings", "fallback_image_url", "feed_count",
    "flight_catalog_settings", "id", "is_catalog_segment", "is_local_catalog", "name", "owner_business",
    "parent_catalog_id", "partner_integration", "product_count", "show_assign_permissions",
    "store_catalog_settings", "user_access_expire_time", "vertical",
)  # fmt: skip
ITEM = (
    "additional_image_cdn_urls", "additional_image_urls", "additional_variant_attributes",
    "affiliate_seller_rating", "affiliate_seller_rating_count", "age_group", "allow_upsert", "android_app_name",
    "android_class", "android_package", "android_url", "applinks", "availability", "base_commission_rate", "brand",
    "bundle_items", "bundle_retailer_ids", "capabilities_disabled_by_user", "capability_to_review_status",
    "category", "category_ranking", "category_specific_fields", "checkout_url", "color", "commerce_insights",
    "commerce_tax_category", "condition", "currency", "custom_data", "custom_label_0", "custom_label_1",
    "custom_label_2", "custom_label_3", "custom_label_4", "custom_number_0", "custom_number_1", "custom_number_2",
    "custom_number_3", "custom_number_4", "description", "errors", "expiration_date", "fb_product_category",
    "fbe_external_business_id", "gender", "generated_background_images", "generated_background_images_ad_usage",
    "gtin", "id", "image_cdn_urls", "image_fetch_status", "image_url", "images", "importer_address",
    "importer_name", "invalidation_errors", "inventory", "ios_app_name", "ios_app_store_id", "ios_url",
    "ipad_app_name", "ipad_app_store_id", "ipad_url", "iphone_app_name", "iphone_app_store_id", "iphone_url",
    "is_bundle_hero", "launch_date", "live_special_price", "manufacturer_info", "manufacturer_part_number",
    "marked_for_product_launch", "material", "mobile_link", "name", "native_commerce", "offer_disclaimer",
    "offer_disclaimer_url", "ordering_index", "origin_country", "overall_ranking", "parent_product_id", "pattern",
    "post_conversion_signal_based_enforcement_appeal_eligibility", "price", "product_catalog",
    "product_disclosures", "product_feed", "product_group", "product_local_info", "product_priority_0",
    "product_priority_1", "product_priority_2", "product_priority_3", "product_priority_4", "product_relationship",
    "product_type", "quantity_to_sell_on_facebook", "requests", "retailer_id", "retailer_product_group_id",
    "return_policy_days", "review_rejection_reasons", "review_status", "rich_text_description", "sale_price",
    "sale_price_end_date", "sale_price_start_date", "shipping_weight_unit", "shipping_weight_value",
    "short_description", "size", "start_date", "status", "tags", "url", "vendor_id", "version",
    "video_fetch_status", "videos", "visibility", "wa_compliance_category", "windows_phone_app_id",
    "windows_phone_app_name", "windows_phone_url",
)  # fmt: skip
