//! Judges values against the shapes of the catalog, before a request leaves or an answer is believed.
//!
//! Requests are judged strictly: an unknown field is a mistake. Answers are judged loosely: new
//! fields and unknown enum values are the API's right and pass through.

mod answer;
mod call;
mod fault;
#[cfg(test)]
mod tests;
mod text;
mod union;
mod value;

pub use answer::check_answer;
pub use call::{check_call, check_param, unknown_field};
pub use fault::Fault;
pub use value::check_value;
