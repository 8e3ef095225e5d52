//! Rules that find the code of an answer without one.

mod foreign;
mod recorded;
mod rows;
mod texts;
