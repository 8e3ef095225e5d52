//! A store of any type: the futures of [`SessionStore`] make it unusable as `dyn`.

use super::store::SessionStore;
use crate::error::Error;
use secrecy::SecretString;
use std::future::Future;
use std::pin::Pin;

/// A store of any type.
pub(in crate::drupal) trait AnyStore: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<SecretString>>;
    fn set<'a>(&'a self, key: &'a str, value: &'a SecretString) -> Answer<'a, ()>;
    fn remove<'a>(&'a self, key: &'a str) -> Answer<'a, ()>;
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl<S: SessionStore> AnyStore for S {
    fn get<'a>(&'a self, key: &'a str) -> Answer<'a, Option<SecretString>> {
        Box::pin(SessionStore::get(self, key))
    }

    fn set<'a>(&'a self, key: &'a str, value: &'a SecretString) -> Answer<'a, ()> {
        Box::pin(SessionStore::set(self, key, value))
    }

    fn remove<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        Box::pin(SessionStore::remove(self, key))
    }
}
