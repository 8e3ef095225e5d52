//! Settings of the site that its administrators can change.
use std::collections::BTreeSet;
use std::time::Duration;

/// Who may register an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registration {
    /// Everyone; the account is active at once.
    Visitors,
    /// Everyone; the account is blocked until an administrator approves it.
    WithApproval,
    /// Administrators only.
    AdminOnly,
}

/// Settings of a [`Drupal`](super::Drupal), named as Drupal names them; they can be changed while clients are connected
/// ([`configure`](super::Drupal::configure)).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The name of the site, in messages and in the realm of basic authentication. Default: `Harbor`.
    pub site_name: String,
    /// Whether the module `basic_auth` is installed. With it, anonymous requests that are denied get 401 in JSON:API and
    /// REST, else 403. Default: true.
    pub basic_auth: bool,
    /// `jsonapi.settings: read_only`. Default: false (a fresh Drupal site: true).
    pub read_only: bool,
    /// Whether the site is under maintenance. Default: false.
    pub maintenance: bool,
    /// `system.feature_flags: linkset_endpoint`. Default: true (a fresh Drupal site: false).
    pub linkset: bool,
    /// `system.performance: cache.page.max_age`, in seconds; 0: pages are not cached. Default: 0.
    pub page_max_age: u32,
    /// Whether errors are shown with file, line and trace to administrators (`error_level: verbose`). Default: false.
    pub verbose_errors: bool,
    /// The origin that CORS allows; `None`: CORS is off. Default: `None`.
    pub cors_origin: Option<String>,
    /// Codes of the languages that are installed in addition to English; each is a prefix of paths. Default: none.
    pub languages: BTreeSet<String>,
    /// The offset of the site's time zone from UTC, in minutes. Default: 0.
    pub utc_offset: i32,
    /// Who may register. Default: [`Registration::Visitors`].
    pub registration: Registration,
    /// Whether a new account chooses its password by mail (`user.settings: verify_mail`). Default: true.
    pub verify_mail: bool,
    /// Whether the REST resource for registration is enabled. Default: true.
    pub registration_resource: bool,
    /// Whether anonymous visitors have the permission `restful post user_registration`. Default: true.
    pub anonymous_may_register: bool,
    /// Whether anonymous visitors have the permission `access content`. Default: true.
    pub anonymous_may_read: bool,
    /// Whether the mail system works. Default: true.
    pub mail_works: bool,
    /// Rows on a page of the view's export; `None`: no pages. Default: `None`.
    pub view_page_size: Option<usize>,
    /// Limits of failed logins.
    pub flood: FloodLimits,
}

/// Limits of failed logins (`user.flood`).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FloodLimits {
    /// Failures of an account, from one address, before it is refused. Default: 5.
    pub user_limit: usize,
    /// How long a failure of an account counts. Default: 6 hours.
    pub user_window: Duration,
    /// Failures of an address before it is refused. Default: 50.
    pub ip_limit: usize,
    /// How long a failure of an address counts. Default: 1 hour.
    pub ip_window: Duration,
    /// Whether failures of an account count from all addresses together. Default: false.
    pub uid_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            site_name: "Harbor".to_owned(),
            basic_auth: true,
            read_only: false,
            maintenance: false,
            linkset: true,
            page_max_age: 0,
            verbose_errors: false,
            cors_origin: None,
            languages: BTreeSet::new(),
            utc_offset: 0,
            registration: Registration::Visitors,
            verify_mail: true,
            registration_resource: true,
            anonymous_may_register: true,
            anonymous_may_read: true,
            mail_works: true,
            view_page_size: None,
            flood: FloodLimits::default(),
        }
    }
}

impl Default for FloodLimits {
    fn default() -> Self {
        Self {
            user_limit: 5,
            user_window: Duration::from_secs(6 * 3600),
            ip_limit: 50,
            ip_window: Duration::from_secs(3600),
            uid_only: false,
        }
    }
}

impl Settings {
    /// Changes one setting by its name, as the fields of this type are called; switches take `on` and `off`, lists
    /// are separated by commas, `none` means nothing. Those of [`FloodLimits`] have the prefix `flood_`.
    ///
    /// # Errors
    /// If there is no such setting or the value does not fit it; the message says so.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "site_name" => self.site_name = value.to_owned(),
            "basic_auth" => self.basic_auth = switch(value)?,
            "read_only" => self.read_only = switch(value)?,
            "maintenance" => self.maintenance = switch(value)?,
            "linkset" => self.linkset = switch(value)?,
            "page_max_age" => self.page_max_age = number(value)?,
            "verbose_errors" => self.verbose_errors = switch(value)?,
            "cors_origin" => self.cors_origin = optional(value),
            "languages" => {
                let codes = optional(value).unwrap_or_default();
                self.languages = codes.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect();
            }
            "utc_offset" => self.utc_offset = number(value)?,
            "registration" => {
                self.registration = match value {
                    "visitors" => Registration::Visitors,
                    "with_approval" => Registration::WithApproval,
                    "admin_only" => Registration::AdminOnly,
                    _ => return Err(format!("`{value}` is not visitors, with_approval or admin_only")),
                }
            }
            "verify_mail" => self.verify_mail = switch(value)?,
            "registration_resource" => self.registration_resource = switch(value)?,
            "anonymous_may_register" => self.anonymous_may_register = switch(value)?,
            "anonymous_may_read" => self.anonymous_may_read = switch(value)?,
            "mail_works" => self.mail_works = switch(value)?,
            "view_page_size" => self.view_page_size = optional(value).map(|rows| number(&rows)).transpose()?,
            "flood_user_limit" => self.flood.user_limit = number(value)?,
            "flood_user_window" => self.flood.user_window = Duration::from_secs(number(value)?),
            "flood_ip_limit" => self.flood.ip_limit = number(value)?,
            "flood_ip_window" => self.flood.ip_window = Duration::from_secs(number(value)?),
            "flood_uid_only" => self.flood.uid_only = switch(value)?,
            _ => return Err(format!("there is no setting `{name}`")),
        }
        Ok(())
    }
}

fn switch(value: &str) -> Result<bool, String> {
    match value {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err(format!("`{value}` is neither on nor off")),
    }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{value}` is not a number that fits"))
}

fn optional(value: &str) -> Option<String> {
    (value != "none").then(|| value.to_owned())
}
