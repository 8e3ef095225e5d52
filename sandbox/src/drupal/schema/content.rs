//! Content that every site has: users, terms, files, comments, media, menu links, and types without content.
use super::node::USERS;
use super::{EntityType, Field, FileRule, Kind, ResourceType, Target};

const LINE: Kind = Kind::Line { max: 255 };

const fn reference(entity: &'static str, bundles: &'static [&'static str]) -> Kind {
    Kind::Reference(Target { entity, bundles })
}

/// An entity type whose admin permission is the only one that matters.
const fn entity_type(name: &'static str, admin: &'static str) -> EntityType {
    EntityType {
        name,
        id: "id",
        revision: None,
        label: "title",
        bundle: None,
        owner: None,
        published: false,
        configuration: false,
        page: None,
        admin,
    }
}

static USER: EntityType =
    EntityType { id: "uid", label: "name", page: Some(("/user/", "")), ..entity_type("user", "administer users") };

static TERM: EntityType = EntityType {
    id: "tid",
    revision: Some("revision_id"),
    label: "name",
    bundle: Some("vid"),
    published: true,
    page: Some(("/taxonomy/term/", "")),
    ..entity_type("taxonomy_term", "administer taxonomy")
};

static FILE: EntityType =
    EntityType { id: "fid", label: "filename", owner: Some("uid"), ..entity_type("file", "administer files") };

static COMMENT: EntityType = EntityType {
    id: "cid",
    label: "subject",
    bundle: Some("comment_type"),
    owner: Some("uid"),
    published: true,
    page: Some(("/comment/", "")),
    ..entity_type("comment", "administer comments")
};

static MEDIA: EntityType = EntityType {
    id: "mid",
    revision: Some("vid"),
    label: "name",
    bundle: Some("bundle"),
    owner: Some("uid"),
    published: true,
    page: Some(("/media/", "/edit")),
    ..entity_type("media", "administer media")
};

static MENU_LINK: EntityType =
    EntityType { revision: Some("revision_id"), ..entity_type("menu_link_content", "administer menu") };

static BLOCK: EntityType = EntityType { label: "info", ..entity_type("block_content", "administer blocks") };
static MESSAGE: EntityType =
    EntityType { label: "subject", ..entity_type("contact_message", "administer contact forms") };
static ALIAS: EntityType = EntityType { label: "alias", ..entity_type("path_alias", "administer url aliases") };
static SHORTCUT: EntityType = entity_type("shortcut", "administer shortcuts");

pub(super) fn types(vocabularies: &[&'static str]) -> Vec<ResourceType> {
    let mut types = vec![user(), file(), comment(), menu_link()];
    types.extend(vocabularies.iter().map(|bundle| term(bundle)));
    types.extend(media());
    let empty = [
        (&BLOCK, "basic"),
        (&MESSAGE, "feedback"),
        (&MESSAGE, "personal"),
        (&ALIAS, "path_alias"),
        (&SHORTCUT, "default"),
    ];
    types.extend(empty.map(|(entity, bundle)| {
        let fields = vec![
            Field::new("id", "ID", Kind::Number).public("drupal_internal__id"),
            Field::new("uuid", "UUID", Kind::Uuid),
            Field::new(entity.label, "Title", LINE),
        ];
        ResourceType { entity, bundle, fields }
    }));
    types
}

fn user() -> ResourceType {
    let picture = FileRule { extensions: &["png", "gif", "jpg", "jpeg", "webp"], max_size: 0, folder: "pictures/" };
    let fields = vec![
        Field::new("uid", "User ID", Kind::Number).public("drupal_internal__uid"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("langcode", "Language code", Kind::Language),
        Field::new("preferred_langcode", "Preferred language code", Kind::Language),
        Field::new("preferred_admin_langcode", "Preferred admin language code", Kind::Language),
        Field::new("name", "Name", Kind::Line { max: usize::MAX }).required(),
        Field::new("pass", "Password", Kind::Password),
        Field::new("mail", "Email", Kind::Mail),
        Field::new("timezone", "Timezone", Kind::Line { max: 32 }),
        Field::new("status", "User status", Kind::Flag),
        Field::new("created", "Created", Kind::Created),
        Field::new("changed", "Changed", Kind::Changed),
        Field::new("access", "Last access", Kind::Timestamp),
        Field::new("login", "Last login", Kind::Timestamp),
        Field::new("init", "Initial email", Kind::Mail),
        Field::new("default_langcode", "Default translation", Kind::Flag),
        Field::new("roles", "Roles", reference("user_role", &["user_role"])).many(0),
        Field::new("user_picture", "Picture", Kind::Image(picture)),
    ];
    ResourceType { entity: &USER, bundle: "user", fields }
}

fn file() -> ResourceType {
    let fields = vec![
        Field::new("fid", "File ID", Kind::Number).public("drupal_internal__fid"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("langcode", "Language code", Kind::Language),
        Field::new("uid", "User ID", USERS),
        Field::new("filename", "Filename", LINE),
        Field::new("uri", "URI", Kind::FileUri),
        Field::new("filemime", "File MIME type", LINE),
        Field::new("filesize", "File size", Kind::Integer { min: None, max: None }),
        Field::new("status", "Status", Kind::Flag),
        Field::new("created", "Created", Kind::Created),
        Field::new("changed", "Changed", Kind::Changed),
    ];
    ResourceType { entity: &FILE, bundle: "file", fields }
}

fn comment() -> ResourceType {
    let fields = vec![
        Field::new("cid", "Comment ID", Kind::Number).public("drupal_internal__cid"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("langcode", "Language", Kind::Language),
        Field::new("comment_type", "Comment Type", reference("comment_type", &["comment_type"])).required(),
        Field::new("status", "Published", Kind::Flag),
        Field::new("uid", "Author", USERS),
        Field::new("pid", "Parent ID", reference("comment", &["comment"])),
        Field::new("entity_id", "Entity ID", reference("node", &[])).required(),
        Field::new("subject", "Subject", Kind::Line { max: 64 }),
        Field::new("name", "Name", Kind::Line { max: 60 }),
        Field::new("mail", "Email", Kind::Mail),
        Field::new("homepage", "Homepage", LINE),
        Field::new("created", "Created", Kind::Created),
        Field::new("changed", "Changed", Kind::Changed),
        Field::new("thread", "Thread place", LINE),
        Field::new("entity_type", "Entity type", Kind::Line { max: 32 }).required(),
        Field::new("field_name", "Comment field name", Kind::Line { max: 32 }).required(),
        Field::new("default_langcode", "Default translation", Kind::Flag),
        Field::new("comment_body", "Comment", Kind::Text).required(),
    ];
    ResourceType { entity: &COMMENT, bundle: "comment", fields }
}

fn menu_link() -> ResourceType {
    let fields = vec![
        Field::new("id", "Entity ID", Kind::Number).public("drupal_internal__id"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("revision_id", "Revision ID", Kind::Number).public("drupal_internal__revision_id"),
        Field::new("langcode", "Language", Kind::Language),
        Field::new("bundle", "Custom menu link", LINE),
        Field::new("revision_created", "Revision create time", Kind::Created),
        Field::new("revision_user", "Revision user", USERS),
        Field::new("revision_log_message", "Revision log message", Kind::Line { max: usize::MAX }),
        Field::new("enabled", "Enabled", Kind::Flag),
        Field::new("title", "Menu link title", LINE).required(),
        Field::new("description", "Description", LINE),
        Field::new("menu_name", "Menu name", LINE),
        Field::new("link", "Link", Kind::Link).required(),
        Field::new("external", "External", Kind::Flag),
        Field::new("rediscover", "Indicates whether the menu link should be rediscovered", Kind::Flag),
        Field::new("weight", "Weight", Kind::Integer { min: None, max: None }),
        Field::new("expanded", "Show as expanded", Kind::Flag),
        Field::new("parent", "Parent plugin ID", LINE),
        Field::new("changed", "Changed", Kind::Changed),
        Field::new("default_langcode", "Default translation", Kind::Flag),
        Field::new("revision_translation_affected", "Revision translation affected", Kind::Flag),
    ];
    ResourceType { entity: &MENU_LINK, bundle: "menu_link_content", fields }
}

fn term(bundle: &'static str) -> ResourceType {
    let own: &'static [&'static str] = match bundle {
        "port" => &["port"],
        "tags" => &["tags"],
        _ => &[],
    };
    let fields = vec![
        Field::new("tid", "Term ID", Kind::Number).public("drupal_internal__tid"),
        Field::new("uuid", "UUID", Kind::Uuid),
        Field::new("revision_id", "Revision ID", Kind::Number).public("drupal_internal__revision_id"),
        Field::new("langcode", "Language", Kind::Language),
        Field::new("vid", "Vocabulary", reference("taxonomy_vocabulary", &["taxonomy_vocabulary"])).required(),
        Field::new("revision_created", "Revision create time", Kind::Created),
        Field::new("revision_user", "Revision user", USERS),
        Field::new("revision_log_message", "Revision log message", Kind::Line { max: usize::MAX }),
        Field::new("status", "Published", Kind::Flag),
        Field::new("name", "Name", LINE).required(),
        Field::new("description", "Description", Kind::Text),
        Field::new("weight", "Weight", Kind::Integer { min: None, max: None }),
        Field::new("parent", "Term Parents", reference("taxonomy_term", own)).many(0),
        Field::new("changed", "Changed", Kind::Changed),
        Field::new("default_langcode", "Default translation", Kind::Flag),
        Field::new("revision_translation_affected", "Revision translation affected", Kind::Flag),
        Field::new("path", "URL alias", Kind::Path),
    ];
    ResourceType { entity: &TERM, bundle, fields }
}

/// The media types of a standard site.
fn media() -> Vec<ResourceType> {
    const PICTURES: FileRule = FileRule { extensions: &["png", "gif", "jpg", "jpeg", "webp"], max_size: 0, folder: "" };
    const DOCUMENTS: FileRule = FileRule {
        extensions: &[
            "txt", "rtf", "doc", "docx", "ppt", "pptx", "xls", "xlsx", "pdf", "odf", "odg", "odp", "ods", "odt",
            "fodt", "fods", "fodp", "fodg", "key", "numbers", "pages",
        ],
        max_size: 0,
        folder: "",
    };
    const AUDIO: FileRule = FileRule { extensions: &["mp3", "wav", "aac"], max_size: 0, folder: "" };
    const VIDEO: FileRule = FileRule { extensions: &["mp4"], max_size: 0, folder: "" };
    let source = |bundle| match bundle {
        "audio" => Field::new("field_media_audio_file", "Audio file", Kind::File(AUDIO)),
        "document" => Field::new("field_media_document", "Document", Kind::File(DOCUMENTS)),
        "image" => Field::new("field_media_image", "Image", Kind::Image(PICTURES)),
        "video" => Field::new("field_media_video_file", "Video file", Kind::File(VIDEO)),
        _ => Field::new("field_media_oembed_video", "Remote video URL", LINE),
    };
    let bundles = ["audio", "document", "image", "remote_video", "video"];
    let media = bundles.map(|bundle| {
        let fields = vec![
            Field::new("mid", "ID", Kind::Number).public("drupal_internal__mid"),
            Field::new("uuid", "UUID", Kind::Uuid),
            Field::new("vid", "Revision ID", Kind::Number).public("drupal_internal__vid"),
            Field::new("langcode", "Language", Kind::Language),
            Field::new("bundle", "Media type", reference("media_type", &["media_type"])).required(),
            Field::new("revision_created", "Revision create time", Kind::Created),
            Field::new("revision_user", "Revision user", USERS),
            Field::new("revision_log_message", "Revision log message", Kind::Line { max: usize::MAX }),
            Field::new("status", "Published", Kind::Flag),
            Field::new("uid", "Authored by", USERS),
            Field::new("name", "Name", LINE),
            Field::new("thumbnail", "Thumbnail", Kind::Image(PICTURES)),
            Field::new("created", "Authored on", Kind::Created),
            Field::new("changed", "Changed", Kind::Changed),
            Field::new("default_langcode", "Default translation", Kind::Flag),
            Field::new("revision_translation_affected", "Revision translation affected", Kind::Flag),
            Field::new("path", "URL alias", Kind::Path),
            source(bundle).required(),
        ];
        ResourceType { entity: &MEDIA, bundle, fields }
    });
    media.into()
}
