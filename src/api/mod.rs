//! The control socket and the web, and the command service that answers what comes through either.

mod accounts;
mod acknowledge;
mod audit;
mod case_file;
mod claims;
pub mod control;
mod cursor;
mod deliveries;
mod findings;
mod glance;
mod keyed;
mod links;
mod lists;
mod metrics;
mod problem;
pub mod proposal;
pub mod refusal;
mod reports;
mod ruling;
pub mod service;
pub mod status;
mod trail;
pub mod under_way;
mod upkeep;
mod uploader;
pub mod v1;
pub mod web;
