//! Scenario files: a company, and how the jobs of its assignments behave.
//!
//! The module docs of the simulator explain the file; [`Scenario::company`] is the built-in one.

mod expression;
mod load;
mod model;
mod settle;
mod span;
mod steps;
mod words;

pub use load::ScenarioError;
pub use model::Scenario;
pub(crate) use model::{
    Case, CaseEnd, Course, Decision, Evaluation, JobEnd, On, Question, ReviewRow, Step,
};
pub(crate) use settle::settle;
pub(crate) use words::Words;
