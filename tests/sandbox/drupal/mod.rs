//! The fake Drupal site.
mod accounts;
mod across;
mod client;
mod compare;
mod queries;
mod recording;
mod replay;
mod served;
mod steps;
mod writing;
