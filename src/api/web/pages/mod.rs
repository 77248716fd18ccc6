//! Pages: what people look at.

use super::routes::Routes;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
}
