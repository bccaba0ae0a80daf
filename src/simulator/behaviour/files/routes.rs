//! Which endpoint is which function.

use super::{life, signed};
use crate::simulator::behaviour::Route;

pub(in crate::simulator::behaviour) const ROUTES: &[Route] = &[
    ("files.list", life::list),
    ("files.create_upload_url", signed::create_upload_url),
    ("files.read", life::read),
    ("files.write", life::write),
    ("files.create_download_url", signed::create_download_url),
    ("files.rename", life::rename),
    ("files.delete", life::delete),
];
