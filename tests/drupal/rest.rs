//! REST resources, views and menus.

use crate::fake::{self, answer, json, site};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use statuswire::drupal::{ErrorCode, Upload};

#[tokio::test]
async fn rest_resources() {
    let server = site(|asked, _| match asked.line() {
        "GET /node/2?_format=json" => json(200, &json!({"nid": [{"value": 2}]})),
        "POST /node?_format=json" => {
            assert_eq!(asked.header("content-type"), Some("application/json"));
            json(201, &asked.json())
        }
        "PATCH /node/2?_format=json" => json(200, &asked.json()),
        "DELETE /node/2?_format=json" => answer(204, "", ""),
        "POST /file/upload/node/article/field_image?_format=json" => {
            assert_eq!(asked.header("content-disposition"), Some("file; filename=\"a.png\""));
            json(201, &json!({"fid": [{"value": 3}]}))
        }
        line => panic!("{line}"),
    })
    .await;
    let rest = fake::client(&server.url()).rest();
    assert_eq!(rest.get::<Value>("/node/2").await.unwrap()["nid"][0]["value"], 2);
    let note = json!({"type": [{"target_id": "article"}], "title": [{"value": "x"}]});
    assert_eq!(rest.post::<Value>("node", &note).await.unwrap(), note);
    assert_eq!(rest.patch::<Value>("node/2", &note).await.unwrap(), note);
    rest.delete("node/2").await.unwrap();
    let file = rest.upload("node", "article", "field_image", Upload::new("a.png", "x")).await.unwrap();
    assert_eq!(file["fid"][0]["value"], 3);
}

#[tokio::test]
async fn a_page_of_html_is_no_rest_resource() {
    let server = site(|_, _| answer(200, "text/html; charset=UTF-8", "<!DOCTYPE html>")).await;
    let client = fake::client(&server.url());
    for error in [
        client.rest().get::<Value>("node/2").await.unwrap_err(),
        client.rest().delete("node/2").await.unwrap_err(),
        client.view("notes").page::<Value>(0).await.unwrap_err(),
        client.menu("main").await.unwrap_err(),
        client.reset_password_by_name("odo").await.unwrap_err(),
    ] {
        assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson), "{error}");
    }
}

#[tokio::test]
async fn each_violation_of_a_rest_resource_is_an_error() {
    let lines = "Unprocessable Entity: validation failed.\ntitle: This value should not be null.\nfield_x.0.value: This value is too long.\n";
    let server = site(move |_, _| json(422, &json!({"message": lines}))).await;
    let error = fake::client(&server.url()).rest().post::<Value>("node", &json!({})).await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::AggregateError));
    assert_eq!(error.details().len(), 2);
    assert_eq!(error.details_of("field_x").next().unwrap().text, "field_x.0.value: This value is too long.");
}

#[tokio::test]
async fn no_violation_of_a_long_list_is_lost() {
    let lines: String = (0..50).map(|at| format!("field_{at}.0.value: This value is too long.\n")).collect();
    let message = format!("Unprocessable Entity: validation failed.\n{lines}title: This value should not be null.\n");
    let server = site(move |_, _| json(422, &json!({"message": message}))).await;
    let error = fake::client(&server.url()).rest().post::<Value>("node", &json!({})).await.unwrap_err();
    assert_eq!(error.details().len(), 51);
    assert_eq!(error.details_of("field_49").next().unwrap().text, "field_49.0.value: This value is too long.");
    assert_eq!(error.details_of("title").next().unwrap().text, "title: This value should not be null.");
    assert_eq!(error.code_as(), Some(ErrorCode::AggregateError));
}

/// Rows may look the same. Only the second page tells whether there is a pager.
#[tokio::test]
async fn equal_pages_of_a_view_do_not_end_it() {
    let server = site(|asked, _| match asked.parameter("page").unwrap().as_str() {
        "0" => json(200, &json!([{"title": "a"}])),
        "1" | "2" => json(200, &json!([{"title": "b"}])),
        _ => json(200, &json!([])),
    })
    .await;
    let pages: Vec<Vec<Value>> = fake::client(&server.url()).view("api/notes").pages().try_collect().await.unwrap();
    assert_eq!(pages.len(), 3);
}

#[tokio::test]
async fn a_view_is_read_until_a_page_is_empty() {
    let server = site(|asked, _| {
        assert_eq!(asked.parameter("tag").as_deref(), Some("sea"));
        let page: u64 = asked.parameter("page").unwrap().parse().unwrap();
        json(200, &if page < 2 { json!([{"nid": (page + 1).to_string()}]) } else { json!([]) })
    })
    .await;
    let view = fake::client(&server.url()).view("/api/notes").parameter("tag", "sea");
    let pages: Vec<Vec<Value>> = view.pages().try_collect().await.unwrap();
    assert_eq!(pages, [[json!({"nid": "1"})], [json!({"nid": "2"})]]);
    assert_eq!(view.page::<Value>(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_view_without_a_pager_has_one_page() {
    let server = site(|_, _| json(200, &json!([{"nid": "1"}]))).await;
    let pages: Vec<Vec<Value>> = fake::client(&server.url()).view("api/notes").pages().try_collect().await.unwrap();
    assert_eq!(pages.len(), 1);
}

#[tokio::test]
async fn a_view_without_end_is_an_error() {
    let server = site(|asked, _| json(200, &json!([{"nid": asked.parameter("page")}]))).await;
    let client = fake::builder(&server.url()).max_pages(3).build().unwrap();
    let results: Vec<_> = client.view("api/notes").pages::<Value>().collect().await;
    assert_eq!(results.len(), 4);
    assert!(results[3].as_ref().unwrap_err().to_string().contains("max_pages"));
}

#[tokio::test]
async fn menus() {
    let server = site(|asked, _| match asked.line() {
        "GET /system/menu/harbor-guide/linkset" => {
            let item =
                json!({"href": "/notes", "title": "Notes", "hierarchy": ["0"], "machine-name": ["harbor-guide"]});
            let menu = json!({"linkset": [{"anchor": "/x", "item": [item]}]});
            answer(200, "application/linkset+json", menu.to_string())
        }
        "GET /system/menu/empty-guide/linkset" => answer(200, "application/linkset+json", r#"{"linkset":[]}"#),
        "GET /es/system/menu/nope/linkset" => {
            json(404, &json!({"message": "The \"menu\" parameter was not converted for the path"}))
        }
        "GET /system/menu/odd/linkset" => {
            answer(200, "application/linkset+json", r#"{"linkset":[{"item":[{"href":"/"}]}]}"#)
        }
        _ => answer(404, "text/html; charset=UTF-8", "<html>"),
    })
    .await;
    let client = fake::client(&server.url());
    assert_eq!(client.menu("harbor-guide").await.unwrap().items[0].id, "harbor-guide.000");
    assert!(client.menu("empty-guide").await.unwrap().items.is_empty());
    let error = client.in_language("es").menu("nope").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::ObjectNotFound));
    assert_eq!(client.menu("off").await.unwrap_err().code_as(), Some(ErrorCode::CommandUnavailable));
    let error = client.menu("odd").await.unwrap_err();
    assert_eq!(error.code_as(), Some(ErrorCode::InvalidJson));
    assert!(error.to_string().contains("$.linkset[0].item"), "{error}");
}
