//! A request with whoever sends it: the site as one visitor sees it.

use crate::access::Access;
use crate::answer::Refusal;
use crate::serve::Site;
use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use http::StatusCode;
use http::request::Parts;
use std::ops::Deref;
use std::sync::Arc;

/// The site, and who visits it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Visit {
    site: Arc<Site>,
    access: Arc<Access>,
}

impl Visit {
    /// Who visits.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Returns as soon as the visitor may not be here any more.
    pub async fn ended(&self) {
        self.site.tokens.ended(&self.access).await;
    }
}

impl Deref for Visit {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl FromRequestParts<Arc<Site>> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Refusal> {
        // Nothing comes here past the guard, which says who asks.
        let unknown = || Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", "nobody has said who asks");
        let access = parts.extensions.get::<Arc<Access>>().cloned().ok_or_else(unknown)?;
        Ok(Self { site: Arc::clone(site), access })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        self.answer()
    }
}
