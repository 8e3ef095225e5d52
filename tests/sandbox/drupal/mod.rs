//! The fake Drupal site.
mod compare;
mod recording;
mod replay;
mod steps;
