//! The page at `/`: what the desk shows, for people, rendered here and escaped by the renderer.
//!
//! | part | its one job |
//! | --- | --- |
//! | `gate` | sessions, one-time links, and what proves that a form is ours |
//! | `router` | the addresses of the page, and the headers that guard it |
//! | `frame` | what surrounds each view |
//! | `view` | one file a view: values of the desk in, markup out |
//! | `acts` | what forms do |
//! | `live` | tells open pages that something has changed |
//!
//! Everything works without JavaScript; the script only puts new parts of the page in place. Nothing
//! here may put text into markup but through the renderer, and nothing may come from elsewhere.

mod acts;
mod assets;
mod frame;
mod gate;
mod guard;
mod live;
mod router;
mod view;
mod words;

pub use gate::Gate;
pub(in crate::serve) use router::router;
