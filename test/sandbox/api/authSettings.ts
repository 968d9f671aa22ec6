/** Settings of Auth as `GET …/config/auth` has them: every name is there, and what nobody set is null. */

const words = (text: string) => text.trim().split(/\s+/);

const withMailOption = words('apple azure bitbucket discord facebook figma github gitlab google kakao keycloak linkedin_oidc slack_oidc notion slack spotify twitch twitter x zoom');
const mails = words('confirmation email_change invite magic_link reauthentication recovery');
const notifications = words('password_changed email_changed phone_changed mfa_factor_enrolled mfa_factor_unenrolled identity_linked identity_unlinked');
const hooks = words('custom_access_token mfa_verification_attempt password_verification_attempt send_sms send_email before_user_created after_user_created');

const names = [
  ...[...withMailOption, 'workos'].flatMap((provider) => ['client_id', 'enabled', 'secret'].map((part) => `external_${provider}_${part}`)),
  ...withMailOption.map((provider) => `external_${provider}_email_optional`),
  ...words('external_apple_additional_client_ids external_google_additional_client_ids external_google_skip_nonce_check'),
  ...words('azure gitlab keycloak workos').map((provider) => `external_${provider}_url`),
  ...words('anonymous_users email phone web3_solana web3_ethereum').map((way) => `external_${way}_enabled`),
  ...hooks.flatMap((hook) => ['enabled', 'uri', 'secrets'].map((part) => `hook_${hook}_${part}`)),
  ...[...mails, ...notifications.map((one) => `${one}_notification`)].flatMap((mail) => [`mailer_subjects_${mail}`, `mailer_templates_${mail}_content`]),
  ...notifications.map((one) => `mailer_notifications_${one}_enabled`),
  ...words('totp phone web_authn').flatMap((way) => [`mfa_${way}_enroll_enabled`, `mfa_${way}_verify_enabled`]),
  ...words(`api_max_request_duration db_max_pool_size db_max_pool_size_unit disable_signup jwt_exp
    mailer_allow_unverified_email_sign_ins mailer_autoconfirm mailer_otp_exp mailer_otp_length mailer_secure_email_change_enabled
    mfa_max_enrolled_factors passkey_enabled webauthn_rp_display_name webauthn_rp_id webauthn_rp_origins mfa_phone_otp_length
    mfa_phone_template mfa_phone_max_frequency nimbus_oauth_client_id nimbus_oauth_email_optional nimbus_oauth_client_secret
    password_hibp_enabled password_min_length password_required_characters refresh_token_rotation_enabled saml_enabled
    saml_external_url saml_allow_encrypted_assertions security_sb_forwarded_for_enabled security_captcha_enabled
    security_captcha_provider security_captcha_secret security_manual_linking_enabled security_refresh_token_reuse_interval
    security_update_password_require_reauthentication security_update_password_require_current_password sessions_inactivity_timeout sessions_single_per_user sessions_tags
    sessions_timebox site_url uri_allow_list oauth_server_enabled oauth_server_allow_dynamic_registration
    oauth_server_authorization_path custom_oauth_enabled custom_oauth_max_providers`),
  ...words('anonymous_users email_sent sms_sent token_refresh verify otp web3').map((what) => `rate_limit_${what}`),
  ...words(`autoconfirm max_frequency messagebird_access_key messagebird_originator otp_exp otp_length provider template test_otp
    test_otp_valid_until textlocal_api_key textlocal_sender twilio_account_sid twilio_auth_token twilio_content_sid
    twilio_message_service_sid twilio_verify_account_sid twilio_verify_auth_token twilio_verify_message_service_sid vonage_api_key
    vonage_api_secret vonage_from`).map((name) => `sms_${name}`),
  ...words('admin_email host max_frequency pass port sender_name user').map((name) => `smtp_${name}`),
];

export function authSettings(): Record<string, unknown> {
  return {
    ...Object.fromEntries(names.map((name) => [name, null])),
    ...{ site_url: 'https://acme.example', uri_allow_list: 'https://acme.example/**', jwt_exp: 3600, disable_signup: false },
    ...{ external_email_enabled: true, external_google_enabled: true, external_google_client_id: 'acme-web', external_google_secret: 'google-secret-of-acme' },
    ...{ smtp_host: 'mail.acme.example', smtp_user: 'acme', smtp_pass: 'smtp-password-of-acme', password_min_length: 8, rate_limit_email_sent: 30 },
    ...{ mailer_otp_exp: 3600, passkey_enabled: false, mfa_phone_otp_length: 6, sms_otp_length: 6 },
    ...{ oauth_server_enabled: false, oauth_server_allow_dynamic_registration: false, custom_oauth_enabled: false, custom_oauth_max_providers: 3 },
  };
}
