//! throwaway
use aws_sdk_dynamodb::{Client, config::*, types::AttributeValue as A};
#[tokio::main]
async fn main() {
    let url = std::env::var("DDB").unwrap();
    let c = Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "x"))
            .endpoint_url(url)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build(),
    );
    let s = |x: &str| A::S(x.into());
    let n = |x: i64| A::N(x.to_string());
    for i in 0..5 {
        c.put_item()
            .table_name("NoticesTable")
            .item("pk", s("d"))
            .item("sk", s(&format!("{i:03}")))
            .item("unread", s(&format!("u{i}")))
            .item("expires", n(5))
            .send()
            .await
            .unwrap();
    }
    c.put_item()
        .table_name("NoticesTable")
        .item("pk", s("d"))
        .item("sk", s("x"))
        .item("read", s("r"))
        .send()
        .await
        .unwrap();
    let q = c
        .query()
        .table_name("NoticesTable")
        .index_name("unread")
        .consistent_read(true)
        .scan_index_forward(false)
        .limit(2)
        .key_condition_expression("pk = :p")
        .expression_attribute_values(":p", s("d"))
        .send()
        .await;
    std::println!(
        "LSI consistent: {:?}",
        q.as_ref().map(|q| (q.items().len(), q.items()[0].get("sk").cloned(), q.last_evaluated_key().cloned()))
    );
    let q = q.unwrap();
    let q2 = c
        .query()
        .table_name("NoticesTable")
        .index_name("unread")
        .consistent_read(true)
        .scan_index_forward(false)
        .set_exclusive_start_key(q.last_evaluated_key().cloned())
        .key_condition_expression("pk = :p")
        .expression_attribute_values(":p", s("d"))
        .send()
        .await
        .unwrap();
    std::println!("page2 {:?}", q2.items().iter().map(|i| i["sk"].clone()).collect::<Vec<_>>());
    let q3 = c
        .query()
        .table_name("NoticesTable")
        .index_name("unread")
        .select(aws_sdk_dynamodb::types::Select::Count)
        .key_condition_expression("pk = :p AND #u < :b")
        .expression_attribute_names("#u", "unread")
        .expression_attribute_values(":p", s("d"))
        .expression_attribute_values(":b", s("u3"))
        .send()
        .await
        .unwrap();
    std::println!("count {}", q3.count());
    let r = c
        .query()
        .table_name("NoticesTable")
        .index_name("read")
        .key_condition_expression("pk = :p AND #r >= :r")
        .expression_attribute_names("#r", "read")
        .expression_attribute_values(":p", s("d"))
        .expression_attribute_values(":r", s(""))
        .send()
        .await;
    std::println!(
        "empty-string key cond {:?}",
        r.map(|r| r.count()).map_err(|e| format!("{:?}", e.into_service_error()))
    );
    c.put_item()
        .table_name("SessionsTable")
        .item("token_hash", s("t"))
        .item("idle", n(600))
        .item("expires", n(1))
        .send()
        .await
        .unwrap();
    let u = c
        .update_item()
        .table_name("SessionsTable")
        .key("token_hash", s("t"))
        .update_expression("SET expires = :now + idle")
        .condition_expression("attribute_exists(token_hash) AND expires > :zero")
        .expression_attribute_values(":now", n(1000))
        .expression_attribute_values(":zero", n(0))
        .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
        .send()
        .await;
    std::println!(
        "set now+idle {:?}",
        u.map(|u| u.attributes().unwrap()["expires"].clone()).map_err(|e| format!("{:?}", e.into_service_error()))
    );
    let u = c.update_item().table_name("SessionsTable").key("token_hash",s("t")).update_expression("SET expires = if_not_exists(nope, :now) + idle, l = list_append(if_not_exists(l, :e), :x) REMOVE zzz ADD cnt :one").expression_attribute_values(":now",n(1000)).expression_attribute_values(":one",n(1)).expression_attribute_values(":e",A::L(vec![])).expression_attribute_values(":x",A::L(vec![s("q")])).return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew).send().await;
    std::println!(
        "complex {:?}",
        u.map(|u| u.attributes().cloned()).map_err(|e| format!("{:?}", e.into_service_error()))
    );
    let u = c
        .update_item()
        .table_name("NoticesTable")
        .key("pk", s("d"))
        .key("sk", s("001"))
        .update_expression("REMOVE #u SET #r = :r")
        .expression_attribute_names("#u", "unread")
        .expression_attribute_names("#r", "read")
        .expression_attribute_values(":r", s("r1"))
        .send()
        .await;
    std::println!("move between LSIs {:?}", u.is_ok());
    for ix in ["unread", "read"] {
        let q = c
            .query()
            .table_name("NoticesTable")
            .index_name(ix)
            .consistent_read(true)
            .key_condition_expression("pk = :p")
            .expression_attribute_values(":p", s("d"))
            .send()
            .await
            .unwrap();
        std::println!("{ix} {}", q.count());
    }
}
