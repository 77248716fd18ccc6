//! `/api/v1`: what programs ask.

use super::routes::Routes;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
}
