//! Every row of Drupal's rules, with an invented answer.

use statuswire::codes::Answer;
use statuswire::codes::drupal::Condition::{
    self, CredentialsSent, FileUnreadable, LogoutConfirmation, MemoryStoreUnusable, NoContentType, NoExchange,
    NotImplemented, SessionCleared, StoreUnusable, TimeLimit, UnexpectedBody, Upload,
};
use statuswire::codes::drupal::RULES;

const NODE: &str = "/jsonapi/node/vessel/00000000-0000-4000-8000-000000000501";

/// Status (0 if there was no answer), request, text, condition, code. A request of a method alone goes to `NODE`.
type Row = (u16, &'static str, &'static str, Option<Condition>, i16);

const BEFORE_THE_STATUS: &[Row] = &[
    (0, "GET", "", Some(NoExchange), 100),
    (200, "GET", "", Some(NoExchange), 100),
    (0, "POST", "", Some(TimeLimit), 124),
    (408, "GET", "", None, 124),
    (504, "GET", "Gateway timeout", None, 124),
    (200, "POST /user/login", "", Some(UnexpectedBody), 107),
    (201, "POST", "", Some(UnexpectedBody), 107),
    (401, "POST", "No authentication credentials provided.", Some(SessionCleared), 209),
    (403, "POST", "", Some(SessionCleared), 209),
    (403, "POST", "X-CSRF-Token request header is missing", Some(SessionCleared), 209),
    (404, "GET /nothing", "", Some(SessionCleared), 108),
    (302, "GET /user/logout", "", Some(LogoutConfirmation), 206),
    (302, "GET /user/logout", "", None, -1),
    (0, "POST", "", Some(FileUnreadable), 601),
    (0, "GET", "", Some(StoreUnusable), 701),
    (0, "GET", "", Some(MemoryStoreUnusable), 700),
    (0, "GET", "", Some(NotImplemented), 42),
];

const BAD_REQUEST: &[Row] = &[
    (400, "POST /user/login", "Missing credentials.pass.", None, 201),
    (400, "POST /user/login", "Missing credentials.", None, 200),
    (400, "POST /user/login", "Missing credentials.name.", None, 200),
    (400, "POST /user/password", "Missing credentials.name or credentials.mail", None, 200),
    (400, "POST /user/login", "Unrecognized username or password.", None, 101),
    (400, "POST /user/login", "Sorry, unrecognized username or password.", None, 101),
    (400, "POST /user/login", "The user has not been activated or is blocked.", None, 119),
    (
        400,
        "POST /user/password",
        "Unable to send email. Contact the site administrator if the problem persists.",
        None,
        1,
    ),
    (400, "POST /user/password", "Unrecognized format. Use json.", None, 108),
    (400, "GET", "Syntax error", None, 107),
    (400, "POST", "Empty request body.", None, 107),
    (400, "POST", "No entity content received.", None, 107),
    (400, "POST", "No user account data for registration received.", None, 107),
    (400, "POST", "Control character error, possibly incorrectly encoded", None, 107),
    (400, "POST", "Malformed UTF-8 characters, possibly incorrectly encoded", None, 107),
    (400, "POST", "Maximum stack depth exceeded", None, 107),
    (400, "POST", "State mismatch (invalid or malformed JSON)", None, 107),
    (400, "POST", "Resource object must include a \"type\".", None, 103),
    (400, "POST", "Found \"relationships\" within the document's top level.", None, 107),
    (400, "PATCH", "The selected entity (1) does not match the ID in the payload ().", None, 104),
    (400, "PATCH", "The selected entity (1) does not match the ID in the payload (2).", None, 162),
    (400, "POST", "Duplicate relationships are not permitted. Use `meta.arity`.", None, 137),
    (400, "POST", "The targeted `user--user` resource with ID `1` does not exist.", None, 101),
    (400, "POST", "No ID specified for related resource", None, 106),
    (400, "POST", "No type specified for related resource", None, 106),
    (400, "POST", "Invalid type specified for related resource: 'nope--nope'", None, 106),
    (400, "POST", "Invalid body payload for the relationship.", None, 106),
    (400, "POST", "The provided type (node--a) does not match the destination resource types (user--user).", None, 106),
    (400, "POST", "The relationship has a missing related field.", None, 106),
    (400, "POST", "The resource type `x` of the target does not exist.", None, 106),
    (400, "PATCH", "Provide a single relationship so to replace it.", None, 106),
    (400, "DELETE", "You need to provide a body for DELETE operations on a relationship (field_crew).", None, 106),
    (400, "POST", "\"Content-Disposition\" header is required.", None, 122),
    (400, "PATCH", "Updating a resource object that has a working copy is not yet supported.", None, 119),
    (400, "POST", "Invalid entity type", None, 103),
    (400, "POST", "Only new entities can be created", None, 162),
    (400, "POST", "An ID has been set and only new entities can be created", None, 162),
    (400, "GET", "Invalid nested filtering. The property `x`, given in the path `a.x`, does not exist.", None, 121),
    (
        400,
        "GET",
        "Invalid nested filtering. The field `a`, given in the path `a` is incomplete, it must end so: `id`.",
        None,
        121,
    ),
    (400, "GET", "Invalid nested filtering. The field `a`, given in the path `a`, does not exist.", None, 105),
    (
        400,
        "GET",
        "Invalid nested filtering. The field `a`, given in the path `a`, does not exist. Use one of: `b.c`.",
        None,
        105,
    ),
    (400, "GET", "`uid.x` is not a valid include path.", None, 121),
    (400, "GET", "`title` is not a valid relationship field name. Possible values: uid.", None, 105),
    (400, "GET", "The page size needs to be a positive integer.", None, 102),
    (400, "HEAD", "", None, 102),
    (400, "DELETE", "The `resourceVersion` cannot be used here.", None, 102),
    (400, "POST", "Something else.", None, 107),
    (400, "PATCH", "", None, 107),
];

const ACCESS: &[Row] = &[
    (401, "GET", "No authentication credentials provided.", Some(CredentialsSent), 209),
    (401, "POST /jsonapi/user/user", "", Some(CredentialsSent), 209),
    (401, "POST /jsonapi/user/user", "", None, 207),
    (401, "POST /es/jsonapi/user/user", "", None, 207),
    (401, "GET /jsonapi/user/user", "", None, 206),
    (401, "POST", "No authentication credentials provided.", None, 206),
    (403, "POST", "X-CSRF-Token request header is missing", None, 206),
    (403, "POST /user/logout", "'csrf_token' URL query argument is missing.", None, 206),
    (403, "POST", "X-CSRF-Token request header is invalid", None, 209),
    (403, "POST /user/logout", "'csrf_token' URL query argument is invalid.", None, 209),
    (403, "POST /user/login", "Too many failed login attempts from your IP address.", None, 155),
    (403, "POST /user/login", "There have been more than 5 failed login attempts for this account.", None, 155),
    (403, "POST /user/login", "Access is blocked because of IP based flood prevention.", None, 155),
    (403, "POST /jsonapi/user/user", "The 'administer users' permission is required.", None, 207),
    (403, "POST /es/jsonapi/user/user", "", None, 207),
    (403, "POST /jsonapi/user/user", "X-CSRF-Token request header is missing", None, 206),
    (403, "POST /jsonapi/user/user", "The current user is not allowed to POST the selected field (status).", None, 119),
    (403, "GET /jsonapi/user/user", "", None, 119),
    (403, "PATCH", "The 'edit any vessel content' permission is required.", None, 119),
    (403, "POST", "", None, 119),
    (403, "POST", "", Some(CredentialsSent), 119),
];

const NOT_FOUND: &[Row] = &[
    (404, "GET", "The \"entity\" parameter was not converted for the path \"/x\"", None, 101),
    (404, "GET /user/9", "The \"user\" parameter was not converted for the path \"/user/{user}\"", None, 101),
    (404, "GET", "The requested version, identified by `id:9`, could not be found.", None, 101),
    (404, "POST /jsonapi/node/vessel/field_x", "Field \"field_x\" does not exist.", None, 105),
    (404, "POST /file/upload/node/vessel/x?_format=json", "Field \"x\" does not exist", None, 105),
    (404, "GET /jsonapi/node/nope", "", None, 103),
    (404, "GET /jsonapi/node/nope?page[limit]=1", "", None, 103),
    (404, "POST /es/jsonapi/nope/nope/", "", None, 103),
    (404, "HEAD /jsonapi/node/nope", "", None, 103),
    (404, "GET /jsonapi/node/vessel/1/nope", "", None, 105),
    (404, "GET /jsonapi/node/vessel/1/relationships/nope", "", None, 105),
    (404, "HEAD /jsonapi/node/vessel/1/nope", "", None, 105),
    (404, "HEAD", "", None, 101),
    (404, "HEAD /es/jsonapi/node/vessel/1", "", None, 101),
    (404, "GET /sites/default/files/none.txt", "", None, 101),
    (404, "HEAD /sites/default/files/2026-10/none.txt", "", None, 101),
    (404, "GET /system/files/none.txt", "", None, 101),
    (404, "GET /jsonapi/node/vessel/1/a/b/c", "", None, 108),
    (404, "GET /jsonapi", "", None, 108),
    (404, "HEAD /nothing", "", None, 108),
    (404, "GET /system/menu/x/linkset", "No route found for \"GET http://h/system/menu/x/linkset\"", None, 108),
];

const OTHERS: &[Row] = &[
    (405, "POST", "JSON:API is configured to accept only read operations.", None, 119),
    (405, "DELETE", "Deleting a resource object translation is not yet supported.", None, 119),
    (405, "PATCH", "The requested translation of the resource object does not exist.", None, 119),
    (405, "GET /jsonapi/node/vessel/1/title", "Method Not Allowed (Allow: POST)", None, 105),
    (405, "PUT /jsonapi/node/vessel/1/title", "", None, 108),
    (405, "GET", "", None, 108),
    (405, "PUT", "Method Not Allowed (Allow: GET)", None, 108),
    (406, "POST /node?_format=json", "", Some(NoContentType), 126),
    (406, "PATCH /node/1?_format=json", "", Some(NoContentType), 126),
    (406, "GET /node/1?_format=json", "", Some(NoContentType), 108),
    (406, "POST /user/register?_format=json", "A route that returns a rendered array", None, 108),
    (409, "POST", "You can only POST to to-many relationships. x is a to-one relationship.", None, 106),
    (409, "DELETE", "You can only DELETE from to-many relationships.", None, 106),
    (409, "POST", "Conflict: Entity already exists.", None, 137),
    (411, "POST", "", None, 127),
    (413, "POST", "", Some(Upload), 129),
    (413, "POST", "", None, 116),
    (415, "POST", "No \"Content-Type\" request header specified", None, 126),
    (429, "GET", "", None, 155),
    (500, "POST", "\"title\" is not a file field.", None, 105),
    (500, "GET", "The operator needs an array compatible operator.", None, 102),
    (500, "GET", "Allowed conjunctions: AND, OR.", None, 102),
    (500, "POST", "Destination file path is not writable", None, 130),
    (500, "POST", "Temporary file could not be opened", None, 130),
    (500, "POST", "Input file data could not be read", None, 130),
    (500, "POST", "The website encountered an unexpected error. Try again later.", None, 1),
    (501, "GET", "JSON:API does not yet support resource versioning for this resource type.", None, 108),
    (502, "GET", "Bad Gateway", None, 100),
    (503, "GET", "Harbor is currently under maintenance. We should be back shortly.", None, 1),
    (503, "POST", "Harbor is currently under maintenance.", Some(Upload), 1),
    (503, "POST", "File \"public://a.txt\" is already locked for writing.", Some(Upload), 130),
    (503, "GET", "", None, 1),
    (402, "GET", "", None, -1),
    (418, "GET", "could not be found", None, -1),
    (599, "GET", "", None, -1),
    (301, "GET", "", None, -1),
];

const VALIDATION: &[Row] = &[
    (422, "POST", "name: The username odo is already taken.", None, 202),
    (422, "POST", "mail: The email address a@b.test is already taken.", None, 203),
    (422, "POST", "name: You must enter a username.", None, 200),
    (422, "POST", "mail: Email field is required.", None, 204),
    (422, "POST", "mail.0.value: This value is not a valid email address.", None, 125),
    (422, "POST", "No password provided.", None, 201),
    (
        422,
        "PATCH",
        "mail: Your current password is missing or incorrect; it's required to change the Email.",
        None,
        201,
    ),
    (422, "POST", "The attribute x does not exist on the node--vessel resource type.", None, 105),
    (422, "POST", "The following relationship fields were provided as attributes: [ field_port ]", None, 106),
    (422, "POST", "field_port.0.target_id: This entity (taxonomy_term: 4) cannot be referenced.", None, 106),
    (422, "POST", "The referenced entity (node: 9) does not exist.", None, 106),
    (422, "POST", "The property 'x' does not exist on the 'field_site' field of type 'link'.", None, 121),
    (422, "POST", "The value must use an array structure.", None, 111),
    (422, "POST", "field_length.0.value: This value should be of the correct primitive type.", None, 111),
    (422, "POST", "This value should be a valid number.", None, 111),
    (422, "POST", "Could not determine entity type bundle: \"type\" field is missing.", None, 103),
    (422, "POST", "\"nope\" is not a valid bundle type for denormalization.", None, 103),
    (422, "POST", "The file is 1.46 KB exceeding the maximum file size of 1 KB.", None, 129),
    (422, "POST", "The file is 2 MB which would exceed your disk quota of 1 MB.", None, 129),
    (422, "POST", "Validation failed.\nOnly files with the following extensions are allowed: txt.", None, 122),
    (422, "POST", "The file's name exceeds the 240 characters limit.", None, 122),
    (422, "POST", "The filename is empty.", None, 122),
    (422, "POST", "The image file is invalid or the image type is not allowed.", None, 143),
    (422, "POST", "This image type is not supported.", None, 143),
    (422, "POST", "Allowed types: png, jpg.", None, 143),
    (422, "POST", "The alias is already taken.", None, 137),
    (422, "POST", "path: The alias /x is already in use in this language.", None, 137),
    (422, "POST", "name: A term with this name already exists.", None, 137),
    (422, "POST", "IDs should be properly generated and formatted UUIDs as described in RFC 4122.", None, 162),
    (422, "POST", "The specified date \"x\" is not in an accepted format", None, 162),
    (422, "POST", "Berths: the value may be no greater than 40.", None, 162),
    (422, "POST", "Berths: the value may be no less than 1.", None, 162),
    (422, "POST", "The value must be larger or equal to 0.", None, 162),
    (422, "POST", "Title: may not be longer than 255 characters.", None, 162),
    (422, "POST", "The username x is too long: it must be 60 characters or less.", None, 162),
    (422, "POST", "Aka: this field cannot hold more than 3 values.", None, 162),
    (422, "POST", "The value you selected is not a valid choice.", None, 162),
    (422, "POST", "The path 'x' is invalid.", None, 162),
    (422, "POST", "The username contains an illegal character.", None, 162),
    (422, "POST", "The username cannot begin with a space.", None, 162),
    (422, "POST", "The username cannot contain multiple spaces in a row.", None, 162),
    (422, "POST", "title: This value should not be null.", None, 142),
    (422, "POST", "field_port: Port field is required.", None, 142),
    (422, "POST", "title: Este valor no debería ser nulo.", None, 142),
    (422, "POST", "", None, 142),
];

/// What is no error.
const NO_ERRORS: &[(u16, &str)] = &[(200, "GET"), (201, "POST"), (204, "DELETE"), (304, "GET"), (0, "GET")];

#[test]
fn every_row_leads_to_its_code() {
    for rows in [BEFORE_THE_STATUS, BAD_REQUEST, ACCESS, NOT_FOUND, OTHERS, VALIDATION] {
        for (status, request, text, condition, expected) in rows {
            assert_eq!(code(*status, request, text, *condition), Some(*expected), "{status} {request} {text}");
            // Servers change the case of their sentences.
            let upper = text.to_ascii_uppercase();
            assert_eq!(code(*status, request, &upper, *condition), Some(*expected), "{status} {request} {upper}");
        }
    }
    for (status, request) in NO_ERRORS {
        assert_eq!(code(*status, request, "could not be found", None), None, "{status} {request}");
    }
}

/// Every rule decides about one of the rows, so none stands behind another by mistake.
#[test]
fn every_rule_has_a_row() {
    let rows = [BEFORE_THE_STATUS, BAD_REQUEST, ACCESS, NOT_FOUND, OTHERS, VALIDATION].concat();
    let decided: Vec<_> = rows.iter().filter_map(|row| line(row.0, row.1, row.2, row.3)).collect();
    let unused: Vec<_> = RULES.all().iter().filter(|rule| !decided.contains(&rule.line())).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

fn code(status: u16, request: &str, text: &str, condition: Option<Condition>) -> Option<i16> {
    let line = line(status, request, text, condition)?;
    RULES.all().iter().find(|rule| rule.line() == line).map(|rule| rule.code().value())
}

fn line(status: u16, request: &str, text: &str, condition: Option<Condition>) -> Option<u32> {
    let (method, path) = request.split_once(' ').unwrap_or((request, NODE));
    let answer = Answer::new((status > 0).then_some(status), method, path);
    RULES.find(&answer, text, |asked| condition == Some(asked)).map(|rule| rule.line())
}
