//! How people sign in and out.

mod logout;

use super::needs::Needs;
use super::routes::Routes;
use crate::model::Role;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.post("/logout", Needs::Role(Role::Viewer), logout::logout)
}
