//! `upload`.

use crate::arguments;
use crate::bar::bar;
use crate::failure::Failure;
use crate::output::{Output, plain};
use serde_json::{Value, json};
use statuswire::drupal::{Attributes, Client, File, Resource, Upload};

pub(crate) async fn run(site: &Client, given: &arguments::Upload, output: &Output) -> Result<(), Failure> {
    let bar = bar(0, "{bar:30} {bytes}/{total_bytes}");
    let shown = bar.clone();
    let mut upload = Upload::open(&given.file).await?.on_progress(move |sent, all| {
        shown.set_length(all);
        shown.set_position(sent);
    });
    if let Some(name) = &given.name {
        upload = upload.named(name);
    }
    let resources = site.resources::<Attributes>(&given.of);
    let files = match given.to {
        Some(id) => resources.upload_to(id, &given.field, upload).await,
        None => resources.upload(&given.field, upload).await.map(|file| vec![file]),
    };
    bar.finish_and_clear();
    let files = files?;
    if output.json {
        return output.result("", &files.iter().map(to_json).collect::<Vec<_>>());
    }
    files.iter().try_for_each(|file| {
        let size = file.attributes.filesize.map(|size| format!("  {size} bytes")).unwrap_or_default();
        output.line(format_args!("{}  {}/{}{size}", plain(&file.attributes.filename), file.resource_type, file.id))
    })
}

fn to_json(file: &Resource<File>) -> Value {
    let File { filename, uri, filemime, filesize, status, .. } = &file.attributes;
    json!({
        "type": file.resource_type,
        "id": file.id,
        "filename": filename,
        "uri": uri.value,
        "url": uri.url,
        "media_type": filemime,
        "size": filesize,
        "kept": status,
    })
}
