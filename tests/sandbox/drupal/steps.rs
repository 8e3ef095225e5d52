//! What happened between the recorded exchanges: settings that the administrator changed, and exchanges that are not
//! among the recordings but whose results are.

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
    (489, &["clear-flood", "set flood_ip_limit 50"]),
    (495, &["block mara"]),
    (496, &["unblock mara"]),
    (530, &["set verbose_errors on"]),
    (532, &["set verbose_errors off"]),
    (541, &["set view_page_size 3"]),
    (545, &["set view_page_size none", "set utc_offset 330"]),
    (547, &["set utc_offset 0", "set basic_auth off"]),
    (565, &["set basic_auth on", "set languages es"]),
    (578, &["set cors_origin http://app.test"]),
];

/// A request that is not among the recordings, in the session of `mara`.
pub struct Missing {
    pub seq: u64,
    pub method: &'static str,
    pub path: &'static str,
    pub body: &'static str,
}

const fn missing(seq: u64, method: &'static str, path: &'static str, body: &'static str) -> Missing {
    Missing { seq, method, path, body }
}

const LINNET: &str = "/jsonapi/node/vessel/319a5d2e-5128-4013-a339-dbb80aedc7e4";
const CREW: &str = "/jsonapi/node/vessel/319a5d2e-5128-4013-a339-dbb80aedc7e4/relationships/field_crew";

/// What later answers show: a relationship is empty again, a title is `z`, there is a vessel `Ext`.
pub const MISSING: &[Missing] = &[
    missing(
        210,
        "PATCH",
        LINNET,
        r#"{"data": {"type": "node--vessel", "id": "319a5d2e-5128-4013-a339-dbb80aedc7e4",
        "relationships": {"field_tender": {"data": []}}}}"#,
    ),
    missing(
        226,
        "POST",
        "/jsonapi/node/vessel",
        r#"{"data": {"type": "node--vessel", "attributes": {"title": "Ext"},
        "relationships": {"field_port": {"data": {"type": "taxonomy_term--port", "id": "00000000-0000-4000-8000-000000000101"}}}}}"#,
    ),
    missing(
        293,
        "PATCH",
        LINNET,
        r#"{"data": {"type": "node--vessel", "id": "319a5d2e-5128-4013-a339-dbb80aedc7e4",
        "attributes": {"title": "z"}}}"#,
    ),
    missing(317, "POST", CREW, r#"{"data": [{"type": "user--user", "id": "00000000-0000-4000-8000-000000000301"}]}"#),
    missing(
        320,
        "POST",
        CREW,
        r#"{"data": [{"type": "user--user", "id": "00000000-0000-4000-8000-000000000302",
        "meta": {"arity": 1}}]}"#,
    ),
    missing(
        422,
        "POST",
        "/jsonapi/node/vessel",
        r#"{"data": {"type": "node--vessel",
        "attributes": {"title": "Ærøskøbing \"№5\" <b>⚓</b> / \\ &"},
        "relationships": {"field_port": {"data": {"type": "taxonomy_term--port", "id": "00000000-0000-4000-8000-000000000101"}}}}}"#,
    ),
];

/// The token of another session of the account is sent.
pub const OTHER_SESSION: &[u64] = &[511];

/// Collections that are compared as sets: without `sort`, the order of configuration differs from request to request.
pub const UNORDERED: &[u64] = &[133, 562];

/// Names of files that the recorded site already had; the fake site starts without files.
pub const FILE_NAMES: &[(&str, &str)] = &[("me_2.png", "me.png")];
