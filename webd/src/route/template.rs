//! Templates that come as files of a form.

use super::ask;
use super::upload::text_of;
use crate::answer::{Answer, Refusal};
use crate::visit::Visit;
use axum::extract::Path;
use axum::extract::multipart::Multipart;
use http::StatusCode;
use serde_json::{Map, Value};

/// Most bytes of a template, as the older implementation has it.
const TEMPLATE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Fields that go to the op as they are.
const TEXTS: [&str; 6] = ["by", "path", "title", "topic", "confirm", "request_id"];

/// A group of a directory and a template.
pub async fn create(visit: Visit, form: Multipart) -> Answer {
    forward(&visit, "group_create_from_template", Map::new(), form).await
}

/// What a template would change in a group.
pub async fn preview(visit: Visit, Path(group_id): Path<String>, form: Multipart) -> Answer {
    forward(&visit, "group_template_preview", of(group_id), form).await
}

/// Makes a group what a template says.
pub async fn replace(visit: Visit, Path(group_id): Path<String>, form: Multipart) -> Answer {
    forward(&visit, "group_template_import_replace", of(group_id), form).await
}

fn of(group_id: String) -> Map<String, Value> {
    Map::from_iter([("group_id".to_owned(), group_id.into())])
}

async fn forward(visit: &Visit, op: &str, args: Map<String, Value>, form: Multipart) -> Answer {
    match read(form).await {
        // What the address says counts.
        Ok(mut read) => {
            read.extend(args);
            ask(visit, op, read).await
        }
        Err(refusal) => refusal.answer(),
    }
}

async fn read(mut form: Multipart) -> Result<Map<String, Value>, Refusal> {
    let mut args = Map::new();
    loop {
        let next = form.next_field().await;
        let next = next.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, "invalid_request", error.body_text()))?;
        let Some(field) = next else { return Ok(args) };
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some() || name == "file" {
            let text = text_of(field, TEMPLATE_BYTES_MAX).await.map_err(|refusal| match refusal.code {
                "file_too_large" => Refusal { code: "template_too_large", ..refusal },
                _ => refusal,
            })?;
            args.insert("template".into(), text.into());
        } else if TEXTS.contains(&name.as_str()) {
            let text = text_of(field, TEMPLATE_BYTES_MAX).await?;
            args.insert(name, text.into());
        }
    }
}
