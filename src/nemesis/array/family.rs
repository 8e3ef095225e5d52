//! The five families of arrays.

use crate::nemesis::verb::{ArrayVerbs, IARR, OARR, SIARR, SSTRARR, STRARR};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// A family of arrays. Each has its own name space. Sealed.
pub trait Family: sealed::Details {
    /// What is read from an array.
    type Item: DeserializeOwned;
    /// What is written to an array, by value or by reference (`5` and `&5`, `"x"` and `String`).
    type Given: Serialize + ?Sized;
}

/// A family whose arrays keep items where they were put.
pub trait Unsorted: Family {}

/// A family whose arrays keep their items sorted.
pub trait Sorted: Family {}

/// Arrays of JSON objects (`OARR`), made of `T`.
#[derive(Debug)]
pub struct Objects<T>(PhantomData<fn() -> T>);

/// Arrays of integers from -2^63 to 2^63-1 (`IARR`). The server would make greater ones negative; the type
/// rules them out.
#[derive(Debug)]
pub enum Integers {}

/// Arrays of strings (`STRARR`).
#[derive(Debug)]
pub enum Strings {}

/// Arrays of integers in ascending order (`SIARR`), with the range of [`Integers`].
#[derive(Debug)]
pub enum SortedIntegers {}

/// Arrays of strings in the order of their bytes (`SSTRARR`): `Z` comes before `a`.
#[derive(Debug)]
pub enum SortedTexts {}

mod sealed {
    use super::ArrayVerbs;

    pub trait Details {
        #[doc(hidden)]
        const VERBS: &'static ArrayVerbs;
        /// Every item must be a JSON object.
        #[doc(hidden)]
        const OBJECTS: bool = false;
        /// The longest text of an item, if the type has one.
        #[doc(hidden)]
        const ITEM_BYTES: Option<usize> = None;
    }
}

/// Digits and sign of the longest 64-bit integer, and a comma.
const INTEGER_BYTES: Option<usize> = Some(21);

impl<T> sealed::Details for Objects<T> {
    const VERBS: &'static ArrayVerbs = &OARR;
    const OBJECTS: bool = true;
}

impl sealed::Details for Integers {
    const VERBS: &'static ArrayVerbs = &IARR;
    const ITEM_BYTES: Option<usize> = INTEGER_BYTES;
}

impl sealed::Details for Strings {
    const VERBS: &'static ArrayVerbs = &STRARR;
}

impl sealed::Details for SortedIntegers {
    const VERBS: &'static ArrayVerbs = &SIARR;
    const ITEM_BYTES: Option<usize> = INTEGER_BYTES;
}

impl sealed::Details for SortedTexts {
    const VERBS: &'static ArrayVerbs = &SSTRARR;
}

impl<T: Serialize + DeserializeOwned> Family for Objects<T> {
    type Item = T;
    type Given = T;
}

impl Family for Integers {
    type Item = i64;
    type Given = i64;
}

impl Family for Strings {
    type Item = String;
    type Given = str;
}

impl Family for SortedIntegers {
    type Item = i64;
    type Given = i64;
}

impl Family for SortedTexts {
    type Item = String;
    type Given = str;
}

impl<T: Serialize + DeserializeOwned> Unsorted for Objects<T> {}
impl Unsorted for Integers {}
impl Unsorted for Strings {}
impl Sorted for SortedIntegers {}
impl Sorted for SortedTexts {}
