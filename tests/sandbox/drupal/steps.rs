//! What happened between the recorded exchanges: settings that the administrator changed.

/// Before the exchange with this number, these commands.
pub const COMMANDS: &[(u64, &[&str])] = &[
    (437, &["set page_max_age 300"]),
    (445, &["set page_max_age 0", "set read_only on"]),
    (450, &["set read_only off", "set maintenance on"]),
    (459, &["set maintenance off"]),
    (470, &["set registration admin_only"]),
    (472, &["set registration visitors", "set verify_mail off"]),
    (476, &["set verify_mail on", "set anonymous_may_register off"]),
    (478, &["set anonymous_may_register on", "set linkset off"]),
    (482, &["set linkset on", "set anonymous_may_read off"]),
    (483, &["set anonymous_may_read on", "clear-flood", "set flood_uid_only on", "set flood_user_limit 2"]),
    (486, &["clear-flood", "set flood_uid_only off", "set flood_user_limit 5", "set flood_ip_limit 2"]),
    (495, &["clear-flood", "set flood_ip_limit 50", "block mara"]),
    (496, &["unblock mara"]),
    (530, &["set verbose_errors on"]),
    (532, &["set verbose_errors off"]),
    (541, &["set view_page_size 3"]),
    (545, &["set view_page_size none", "set utc_offset 330"]),
    (547, &["set utc_offset 0", "set basic_auth off"]),
    (565, &["set basic_auth on", "set languages es"]),
    (578, &["set cors_origin http://app.test"]),
];
