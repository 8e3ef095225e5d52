//! The contenders. Each walks the pages of a collection.

use crate::Failure;
use futures_util::TryStreamExt;
use serde::Deserialize;
use statuswire::drupal::{Client, Query, Resources};
use std::time::{Duration, Instant};

/// The attributes that both decode; the others are passed over.
#[derive(Deserialize)]
struct Vessel {
    title: String,
    field_berths: u32,
}

/// What is counted, so that nothing is optimized away.
#[derive(Default)]
struct Seen {
    resources: usize,
    berths: u32,
    letters: usize,
}

impl Seen {
    fn add(&mut self, vessel: &Vessel) {
        self.resources += 1;
        self.berths += vessel.field_berths;
        self.letters += vessel.title.len();
    }

    fn check(&self, expected: usize) -> Result<(), Failure> {
        let is_whole = self.resources == expected && self.berths > 0 && self.letters > expected;
        if is_whole { Ok(()) } else { Err(format!("{} of {expected} resources came", self.resources).into()) }
    }
}

/// reqwest and serde_json.
pub(crate) struct Alone {
    client: reqwest::Client,
    url: String,
}

impl Alone {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        // It fails if there is one already.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { client, url: url.to_owned() })
    }

    pub(crate) async fn run(&self, resources: usize) -> Result<Duration, Failure> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Resource>,
            links: Links,
        }
        #[derive(Deserialize)]
        struct Resource {
            id: String,
            attributes: Vessel,
        }
        #[derive(Deserialize)]
        struct Links {
            next: Option<Link>,
        }
        #[derive(Deserialize)]
        struct Link {
            href: String,
        }

        let started = Instant::now();
        let first =
            format!("{}/jsonapi/node/vessel?endsAt={resources}&page%5Boffset%5D=0&page%5Blimit%5D=50", self.url);
        let (mut seen, mut next) = (Seen::default(), Some(first));
        while let Some(url) = next {
            let request = self.client.get(url).header("accept", "application/vnd.api+json");
            let body = request.send().await?.error_for_status()?.bytes().await?;
            let page: Page = serde_json::from_slice(&body)?;
            page.data
                .iter()
                .filter(|resource| !resource.id.is_empty())
                .for_each(|resource| seen.add(&resource.attributes));
            next = page.links.next.map(|link| link.href);
        }
        seen.check(resources)?;
        Ok(started.elapsed())
    }
}

/// This crate.
pub(crate) struct Ours(Resources<Vessel>);

impl Ours {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self(Client::new(url)?.resources(&"node--vessel".parse()?)))
    }

    pub(crate) async fn run(&self, resources: usize) -> Result<Duration, Failure> {
        let started = Instant::now();
        let query = Query::new().parameter("endsAt", &resources.to_string()).offset(0).limit(50);
        let (mut seen, mut pages) = (Seen::default(), self.0.pages(&query));
        while let Some(page) = pages.try_next().await? {
            page.data.iter().for_each(|resource| seen.add(&resource.attributes));
        }
        seen.check(resources)?;
        Ok(started.elapsed())
    }
}
