//! Accounts: mails for new passwords, registration, changes to one's own.

use crate::codes::drupal::ErrorCode;
use crate::drupal::{Attributes, Client, Fields, ResourceType};
use crate::error::Error;
use crate::http::Request;
use crate::reexport::http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// An account to register.
#[derive(Clone, Debug)]
pub struct Registration {
    fields: Attributes,
    password: Option<SecretString>,
}

impl Registration {
    /// Makes a registration. As a rule the site sends a mail with which the user sets a password.
    pub fn new(name: &str, mail: &str) -> Self {
        let fields = [("name", name), ("mail", mail)].map(|(field, text)| (field.to_owned(), json!({ "value": text })));
        Self { fields: fields.into_iter().collect(), password: None }
    }

    /// Sets the password, for a site that does not check mail addresses. Others refuse it.
    #[must_use]
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets another field of the account, in the form of REST resources: `{"value": ...}` or a list of such objects.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }
}

impl Client {
    /// Lets the site send a mail with which the user of this name sets a new password. The site tells neither whether there
    /// is such an account nor whether it is blocked.
    ///
    /// # Errors
    ///
    /// [`InternalServerError`](ErrorCode::InternalServerError) if the site cannot send mails.
    pub async fn reset_password_by_name(&self, name: &str) -> Result<(), Error> {
        self.reset_password(json!({ "name": name })).await
    }

    /// Does the same as [`reset_password_by_name`](Self::reset_password_by_name) for the user with this mail address.
    pub async fn reset_password_by_mail(&self, mail: &str) -> Result<(), Error> {
        self.reset_password(json!({ "mail": mail })).await
    }

    async fn reset_password(&self, account: Value) -> Result<(), Error> {
        let request = Request::post("user/password").query("_format", "json").json(&account);
        self.call(request.expect("application/json")).await?;
        Ok(())
    }

    /// Registers an account, and returns its fields in the form of REST resources, without the mail address.
    ///
    /// The site must offer the REST resource `user_registration`. An account that an administrator must approve looks the
    /// same; logging in fails until then.
    ///
    /// # Errors
    ///
    /// | code | meaning |
    /// |---|---|
    /// | [`UsernameTaken`](ErrorCode::UsernameTaken), [`EmailTaken`](ErrorCode::EmailTaken) | another account has it |
    /// | [`InvalidEmailAddress`](ErrorCode::InvalidEmailAddress), [`InvalidValue`](ErrorCode::InvalidValue) | mail address or name are malformed |
    /// | [`PasswordMissing`](ErrorCode::PasswordMissing) | the site wants a password |
    /// | [`ValidationError`](ErrorCode::ValidationError) | it wants none, or another field is wrong |
    /// | [`AggregateError`](ErrorCode::AggregateError) | several of these: see [`Error::details`] |
    /// | [`CommandUnavailable`](ErrorCode::CommandUnavailable) | the site does not offer it |
    /// | [`OperationForbidden`](ErrorCode::OperationForbidden) | it does not offer it to this caller |
    pub async fn register(&self, registration: &Registration) -> Result<Attributes, Error> {
        let mut fields = registration.fields.clone();
        if let Some(password) = &registration.password {
            fields.insert("pass".to_owned(), json!({ "value": password.expose_secret() }));
        }
        let request = Request::post("user/register").query("_format", "json").json(&fields).secret();
        self.call(request.expect("application/json")).await?.json()
    }

    /// Changes the password of the account that is logged in. All its other sessions end.
    ///
    /// # Errors
    ///
    /// [`PasswordMissing`](ErrorCode::PasswordMissing) if the current password is wrong;
    /// [`SessionMissing`](ErrorCode::SessionMissing) if the caller is anonymous.
    pub async fn change_password(
        &self,
        current: impl Into<SecretString>,
        new: impl Into<SecretString>,
    ) -> Result<(), Error> {
        let (current, new) = (current.into(), new.into());
        let pass = json!({ "existing": current.expose_secret(), "value": new.expose_secret() });
        self.change_account(json!({ "pass": pass })).await
    }

    /// Changes the mail address of the account that is logged in.
    ///
    /// # Errors
    ///
    /// As [`change_password`](Self::change_password); [`EmailTaken`](ErrorCode::EmailTaken) and
    /// [`InvalidEmailAddress`](ErrorCode::InvalidEmailAddress) for the address.
    pub async fn change_mail(&self, current_password: impl Into<SecretString>, mail: &str) -> Result<(), Error> {
        let current = current_password.into();
        self.change_account(json!({ "pass": { "existing": current.expose_secret() }, "mail": mail })).await
    }

    async fn change_account(&self, attributes: Value) -> Result<(), Error> {
        let me = self.whoami().await?.ok_or_else(|| {
            let what = "the caller is anonymous, and has no account to change; log in first";
            Error::invalid_request(what).with_code(ErrorCode::SessionMissing)
        })?;
        let users = self.resources::<Attributes>(&ResourceType::new("user", "user")?);
        let request = users.request_to(Method::PATCH, me).secret();
        users.change(request, me, &Fields::new(attributes)).await?;
        Ok(())
    }
}
