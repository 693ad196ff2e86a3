use std::collections::HashSet;

use futures_util::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{World, envelope, world};

/// The tables that tests look into: what is dead to callers must still be there when the test says so, and an image
/// captcha's hash stands nowhere else, because no machine is to read the picture.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    Codes,
    Sessions,
}

impl World {
    /// The keys of a table's items.
    pub async fn keys(&self, table: Table) -> HashSet<String> {
        let (name, key) = match table {
            Table::Codes => ("CodesTable", "id"),
            Table::Sessions => ("SessionsTable", "token_hash"),
        };
        let scan = self.ask_dynamodb("local", "Scan", json!({ "TableName": name })).await;
        let answer = scan.text().await.expect("a scan is a text");
        let answer: Value = serde_json::from_str(&answer).expect("a scan is JSON");
        let items = answer["Items"].as_array().unwrap_or_else(|| panic!("{answer}"));
        items.iter().map(|item| item[key]["S"].as_str().expect("a key").to_owned()).collect()
    }

    /// A request to the embedded DynamoDB by whoever has `access_key`: `local` is the stack itself, `local-user` the
    /// user function.
    pub async fn ask_dynamodb(&self, access_key: &str, operation: &str, body: Value) -> Response {
        let post = self.http.post(self.stack.dynamodb().expect("it is embedded").url());
        let post = post
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            // The embedded server wants a signature and does not check it.
            .header("authorization", authorization(access_key, "dynamodb"));
        world::send(post.body(body.to_string())).await
    }

    /// The same to the embedded S3, which does check signatures: it refuses those that the guard lets through.
    pub async fn ask_s3(&self, access_key: &str, method: Method, path: &str) -> Response {
        let request = self.http.request(method, format!("{}{path}", self.stack.s3().expect("it is embedded").url()));
        let request =
            request.header("x-amz-date", "20260101T000000Z").header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        world::send(request.header("authorization", authorization(access_key, "s3"))).await
    }

    /// Has an image captcha made. Answers its hash.
    pub async fn captcha_hash(&self) -> String {
        let before = self.keys(Table::Codes).await;
        self.post("/api/captcha", &envelope("img/generate", json!({}))).await.ok();
        let after = self.keys(Table::Codes).await;
        let new: Vec<_> = after.difference(&before).filter_map(|id| id.strip_prefix("captcha#")).collect();
        assert_eq!(new.len(), 1, "one captcha is new");
        new[0].to_owned()
    }
}

/// Makes `count` requests at the same time; `request` is told which one it makes.
pub async fn at_once<F: Future>(count: usize, request: impl FnMut(usize) -> F) -> Vec<F::Output> {
    join_all((0..count).map(request)).await
}

fn authorization(access_key: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={access_key}/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={}",
        "0".repeat(64)
    )
}
