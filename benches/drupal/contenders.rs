//! The contenders. Each lists all resources and adds up their numbers.

use crate::Failure;
use futures_util::TryStreamExt;
use serde::Deserialize;
use statuswire::drupal::{self, Query, Resources};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[derive(Deserialize)]
struct Article {
    #[serde(rename = "drupal_internal__nid")]
    number: usize,
    title: String,
}

impl Article {
    fn checked(&self) -> usize {
        self.number + usize::from(self.title.is_empty())
    }
}

/// reqwest, serde_json and nothing else: what one writes by hand for one site.
pub(crate) struct Alone {
    client: reqwest::Client,
    url: String,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Resource>,
    links: Links,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "decoded as a program would need it")]
struct Resource {
    #[serde(rename = "type")]
    resource_type: String,
    id: String,
    attributes: Article,
    relationships: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

impl Alone {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        // It fails if there is one already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, url: url.to_owned() })
    }

    pub(crate) async fn run(&self, resources: usize) -> Result<Duration, Failure> {
        let started = Instant::now();
        let mut next = Some(format!("{}/jsonapi/node/article?x-last={resources}", self.url));
        let (mut count, mut sum) = (0, 0);
        while let Some(url) = next {
            let request = self.client.get(&url).header("accept", "application/vnd.api+json");
            let body = request.send().await?.error_for_status()?.bytes().await?;
            let page: Page = serde_json::from_slice(&body)?;
            for resource in &page.data {
                count += 1;
                sum += resource.attributes.checked();
            }
            next = page.links.next.map(|link| link.href);
        }
        check(count, sum, resources)?;
        Ok(started.elapsed())
    }
}

/// This crate.
pub(crate) struct Client(Resources<Article>);

impl Client {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self(drupal::Client::new(url)?.resources(&"node--article".parse()?)))
    }

    pub(crate) async fn run(&self, resources: usize) -> Result<Duration, Failure> {
        let started = Instant::now();
        let mut stream = self.0.stream(&Query::new().parameter("x-last", &resources.to_string()));
        let (mut count, mut sum) = (0, 0);
        while let Some(resource) = stream.try_next().await? {
            count += 1;
            sum += resource.attributes.checked();
        }
        check(count, sum, resources)?;
        Ok(started.elapsed())
    }
}

fn check(count: usize, sum: usize, resources: usize) -> Result<(), Failure> {
    if count == resources && sum == resources / 50 * (49 * 50 / 2) {
        Ok(())
    } else {
        Err("other resources came".into())
    }
}
