//! Uploading files.

use super::decode::{self, Data, Expected};
use super::one_or_many::OneOrMany;
use super::resource::Resource;
use super::resource_type::ResourceType;
use super::resources::Resources;
use crate::codes::drupal::ErrorCode;
use crate::error::{Delivery, Error, bounded};
use crate::http::{Body, Request, Response};
use crate::reexport::http::Method;
use serde::Deserialize;
use std::path::Path;
use uuid::Uuid;

/// A file to upload.
#[derive(Debug)]
pub struct Upload {
    name: String,
    body: Body,
}

impl Upload {
    /// Makes an upload of bytes, or of a [`Body`] that is read while it is sent.
    pub fn new(name: &str, content: impl Into<Body>) -> Self {
        Self { name: name.to_owned(), body: content.into() }
    }

    /// Makes an upload of a local file under its own name. It is read while it is sent.
    ///
    /// # Errors
    ///
    /// [`FileReadError`](ErrorCode::FileReadError) if the file cannot be read.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let unreadable = |error| {
            let doing = format!("reading {}", path.display());
            Error::io(doing, error, Delivery::NotSent).with_code(ErrorCode::FileReadError)
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let length = {
            let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
            let metadata = file.metadata().await.map_err(unreadable)?;
            if !metadata.is_file() {
                return Err(unreadable(std::io::Error::other("it is not a file")));
            }
            metadata.len()
        };
        let path = path.to_owned();
        let body = Body::repeatable(length, move || tokio::fs::File::open(path.clone()));
        Ok(Self { name, body })
    }

    /// Sets another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Calls a function while the file is sent, with the bytes sent so far and all bytes.
    #[must_use]
    pub fn on_progress(mut self, progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.body = self.body.on_progress(progress);
        self
    }

    /// Adds the file to a request.
    pub(in crate::drupal) fn write(self, request: Request) -> Result<Request, Error> {
        let disposition = format!("file; filename=\"{}\"", checked(&self.name)?);
        let request = request.header("content-type", "application/octet-stream");
        Ok(request.header("content-disposition", &disposition).body(self.body))
    }
}

/// Checks a file's name. What the site would cut off or misread is refused; everything else it decides itself.
fn checked(name: &str) -> Result<&str, Error> {
    let wrong = |c: char| c.is_control() || matches!(c, '"' | '/' | '\\');
    if name.is_empty() || name == "." || name == ".." || name.contains(wrong) {
        let shown = bounded(format_args!("{name:?}"), 100);
        let what = format!("{shown} cannot be the name of a file: it has no quotes, slashes and control characters");
        return Err(Error::invalid_request(what).with_code(ErrorCode::InvalidFileName));
    }
    Ok(name)
}

/// The attributes of `file--file`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct File {
    /// The name under which the site keeps the file. It can differ from the one that was sent.
    pub filename: String,
    /// Where it is.
    pub uri: FileUri,
    /// The media type.
    #[serde(default)]
    pub filemime: Option<String>,
    /// The size in bytes.
    #[serde(default)]
    pub filesize: Option<u64>,
    /// Whether the file is kept: false until a resource refers to it.
    #[serde(default)]
    pub status: Option<bool>,
}

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FileUri {
    /// The site's own name for the place, `public://2026-11/deck.png`.
    pub value: String,
    /// The path on the site's host.
    pub url: String,
}

impl<T> Resources<T> {
    /// Uploads a file for a field of this type, before a resource refers to it. Read the name back: the site may have
    /// changed it. Refer to the file with [`Fields::relationship`](super::Fields::relationship), with the `alt` text of an
    /// image as [`meta`](super::Identifier::with_meta). A file that nothing refers to is deleted after some hours.
    ///
    /// The request is not sent again by itself if it may have been carried out.
    ///
    /// # Errors
    ///
    /// | code | meaning |
    /// |---|---|
    /// | [`InvalidFileName`](ErrorCode::InvalidFileName) | the name is malformed, or its extension is not allowed |
    /// | [`FileTooLarge`](ErrorCode::FileTooLarge) | the file is larger than the field or the account allows |
    /// | [`InvalidImageData`](ErrorCode::InvalidImageData) | it is not an image |
    /// | [`InvalidKeyName`](ErrorCode::InvalidKeyName) | there is no such field, or it is not one for files |
    /// | [`FileSaveError`](ErrorCode::FileSaveError) | the site cannot store it, or is just storing another one of that name |
    /// | [`FileReadError`](ErrorCode::FileReadError) | the local file cannot be read |
    pub async fn upload(&self, field: &str, file: Upload) -> Result<Resource<File>, Error> {
        let request = file.write(self.request(Method::POST).segment(field))?;
        let response = self.site.call(request).await?;
        files(&response)
    }

    /// Uploads a file into a field of a resource, and returns all files that the field has now. A field with one file gets
    /// the new one.
    ///
    /// # Errors
    ///
    /// As [`upload`](Self::upload).
    pub async fn upload_to(&self, id: Uuid, field: &str, file: Upload) -> Result<Vec<Resource<File>>, Error> {
        let request = file.write(self.request_to(Method::POST, id).segment(field))?;
        let response = self.site.call(request).await?;
        Ok(files::<OneOrMany<File>>(&response)?.into_list())
    }
}

/// Reads the files of an answer.
fn files<D: Data>(response: &Response) -> Result<D, Error> {
    let resource_type = &ResourceType::new("file", "file")?;
    Ok(decode::expected(response, Expected { resource_type, id: None })?.data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for name in ["deck.png", "Größe 1.txt", "a..b", ".hidden", "run.php.txt"] {
            assert_eq!(checked(name).unwrap(), name);
        }
        for name in ["", ".", "..", "a/b", "a\\b", "a\"b", "a\nb", "a\0"] {
            assert_eq!(checked(name).unwrap_err().code_as(), Some(ErrorCode::InvalidFileName), "{name:?}");
        }
    }

    #[tokio::test]
    async fn a_local_file_must_be_readable() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path().join("absent"), directory.path().to_owned()] {
            let error = Upload::open(&path).await.unwrap_err();
            assert_eq!(error.code_as(), Some(ErrorCode::FileReadError));
            assert_eq!(error.delivery(), Delivery::NotSent);
        }
    }
}
