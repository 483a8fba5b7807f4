//! `/api/openapi.json`: every address with what it takes and gives, made from the table of addresses and the schemas of the
//! contract, and kept in docs/openapi.json.

use crate::route::{Method, OWN, Row, Shape, TABLE};
use bus::contract::version;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn every_address_is_described() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let schema = fs::read_to_string(docs.join("schema.json")).expect("docs/schema.json");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let written = described(&schema).to_string() + "\n";
    let path = docs.join("openapi.json");
    if std::env::var_os("CCCC_WRITE_DOCS").is_some() {
        fs::write(&path, &written).expect("the file can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == written, "{} is not what the addresses say: make docs", path.display());
    let document: Value = serde_json::from_str(&written).expect("JSON");
    assert!(!written.contains("#/$defs"), "a reference leads nowhere");
    assert_eq!(document["paths"]["/api/v1/groups/{group_id}/send"]["post"]["operationId"], "send");
}

fn described(schema: &Value) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for row in TABLE {
        let of = &schema["ops"][row.op];
        paths.entry(row.path).or_default().insert(word(row.method).into(), operation(row, of));
    }
    for (method, path) in OWN {
        let body = match *method {
            http::Method::GET | http::Method::DELETE => Value::Null,
            _ => json!({"content": {"application/json": {}, "multipart/form-data": {}}}),
        };
        let described =
            with_body(json!({"parameters": path_parameters(path), "responses": responses(&json!({}))}), body);
        paths.entry(path).or_default().insert(method.as_str().to_lowercase(), described);
    }
    // Ops that have no address of their own are asked by name; all of them can be.
    for (op, of) in schema["ops"].as_object().into_iter().flatten() {
        let described = json!({
            "operationId": format!("call_{op}"),
            "summary": sentence(&of["args"]),
            "responses": responses(&of["answer"]),
        });
        let body = json!({"content": {"application/json": {"schema": of["args"]}}});
        let path: &'static str = Box::leak(format!("/api/v1/call/{op}").into_boxed_str());
        paths.entry(path).or_default().insert("post".into(), with_body(described, body));
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "cccc", "version": version::PRODUCT},
        "paths": paths,
        "components": {"schemas": {
            "asked": schema["$defs"]["asked"], "told": schema["$defs"]["told"], "error": schema["error"],
        }},
    });
    let text = document.to_string().replace("#/$defs/", "#/components/schemas/");
    serde_json::from_str(&text).expect("JSON")
}

fn operation(row: &Row, of: &Value) -> Value {
    let mut fields = of["args"]["properties"].as_object().cloned().unwrap_or_default();
    for name in names(row.path) {
        fields.remove(name);
    }
    match row.shape {
        Shape::Plain => {}
        Shape::Patch(known) | Shape::Config(known) => {
            fields.retain(|name, _| !["patch", "config"].contains(&name.as_str()));
            fields.extend(known.iter().map(|name| ((*name).to_owned(), json!({}))));
        }
        Shape::Renamed(renamed) => {
            for (here, there) in renamed {
                if let Some(field) = fields.remove(*there) {
                    fields.insert((*here).to_owned(), field);
                }
            }
        }
        Shape::With(fixed) => fields.retain(|name, _| !fixed.iter().any(|(known, _)| known == name)),
    }
    let mut parameters = path_parameters(row.path);
    let mut body = Value::Null;
    if matches!(row.method, Method::Get | Method::Delete) {
        parameters.extend(fields.into_iter().map(
            |(name, schema)| json!({"name": name, "in": "query", "description": sentence(&schema), "schema": schema}),
        ));
    } else {
        body = json!({"content": {"application/json": {"schema": {"type": "object", "properties": fields}}}});
    }
    let described = json!({
        "operationId": operation_id(row),
        "summary": sentence(&of["args"]),
        "parameters": parameters,
        "responses": responses(&of["answer"]),
    });
    with_body(described, body)
}

/// Two addresses may lead to one op.
fn operation_id(row: &Row) -> String {
    let first = TABLE.iter().find(|other| other.op == row.op).expect("itself");
    if std::ptr::eq(first, row) {
        row.op.to_owned()
    } else {
        format!("{}_{}", row.op, row.path.rsplit('/').next().unwrap_or_default())
    }
}

fn with_body(mut described: Value, body: Value) -> Value {
    if !body.is_null() {
        described["requestBody"] = body;
    }
    described
}

/// The envelope of an answer, and of a refusal.
fn responses(answer: &Value) -> Value {
    let envelope = |ok: bool, result: &Value, error: Value| {
        json!({"content": {"application/json": {"schema": {"type": "object", "properties": {
            "ok": {"const": ok}, "v": {"const": 1}, "result": result, "error": error,
        }}}}})
    };
    let (mut well, mut refused) = (
        envelope(true, answer, json!({"type": "null"})),
        envelope(false, &json!({}), json!({"$ref": "#/$defs/error"})),
    );
    well["description"] = "What the op answers.".into();
    refused["description"] = "Why it was refused.".into();
    json!({"200": well, "default": refused})
}

fn path_parameters(path: &str) -> Vec<Value> {
    let parameter = |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    names(path).map(parameter).collect()
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn sentence(of: &Value) -> &str {
    of["description"].as_str().unwrap_or_default()
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Delete => "delete",
    }
}
