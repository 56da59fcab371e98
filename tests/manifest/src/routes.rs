//! Which component answers a path.
//!
//! Spin's rules: an exact segment beats `:name`, which beats the trailing `/...`; of two routes
//! that match, the more specific one wins, from left to right, and the shorter one if they are
//! equal so far. Slashes at the ends don't count. `/a/...` matches `/a` as well.

use std::cmp::Ordering;

/// The public routes of an application, the most specific first.
#[derive(Debug, Clone)]
pub struct Router {
    routes: Vec<Pattern>,
}

#[derive(Debug, Clone)]
struct Pattern {
    component: String,
    raw: String,
    based: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    Exact(String),
    Named(String),
    Rest,
}

/// A path's route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched<'r, 'p> {
    /// The component that answers.
    pub component: &'r str,
    /// The route as written in the manifest.
    pub raw_route: &'r str,
    /// The same with a leading and without a trailing slash.
    pub matched_route: &'r str,
    /// What `:name` segments caught, in order.
    pub named: Vec<(&'r str, &'p str)>,
    /// What `/...` caught, with its leading slash; empty if there was nothing.
    pub trailing: String,
}

impl Matched<'_, '_> {
    /// The route as written, without `/...`.
    pub fn component_route(&self) -> &str {
        self.raw_route.strip_suffix("/...").unwrap_or(self.raw_route)
    }
}

impl Router {
    /// A router over pairs of route and component. Of two equal routes the later one counts.
    pub fn new<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut patterns: Vec<Pattern> = Vec::new();
        for (raw, component) in routes {
            let pattern = Pattern::new(raw, component);
            match patterns.iter_mut().find(|known| known.raw == raw) {
                Some(known) => *known = pattern,
                None => patterns.push(pattern),
            }
        }
        patterns.sort_by(Pattern::by_specificity);
        Self { routes: patterns }
    }

    /// The route for a path (without query).
    pub fn find<'r, 'p>(&'r self, path: &'p str) -> Option<Matched<'r, 'p>> {
        self.routes.iter().find_map(|pattern| pattern.matches(path))
    }

    /// All routes as pairs of route and component, the most specific first.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.routes.iter().map(|pattern| (pattern.raw.as_str(), pattern.component.as_str()))
    }
}

impl Pattern {
    fn new(raw: &str, component: &str) -> Self {
        let absolute = if raw.starts_with('/') { raw.to_owned() } else { format!("/{raw}") };
        let based = absolute.strip_suffix('/').unwrap_or(&absolute).to_owned();
        let (fixed, rest) = match based.strip_suffix("/...").or(based.strip_suffix("/*")) {
            Some(fixed) => (fixed, true),
            None => (based.as_str(), false),
        };
        let mut segments: Vec<Segment> = split(fixed)
            .map(|text| match text.strip_prefix(':') {
                Some(name) => Segment::Named(name.to_owned()),
                None => Segment::Exact(text.to_owned()),
            })
            .collect();
        if rest {
            segments.push(Segment::Rest);
        }
        Self { component: component.to_owned(), raw: raw.to_owned(), based, segments }
    }

    fn by_specificity(&self, other: &Self) -> Ordering {
        let mine = self.segments.iter().map(Segment::rank);
        let theirs = other.segments.iter().map(Segment::rank);
        mine.zip(theirs)
            .map(|(mine, theirs)| mine.cmp(&theirs))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.segments.len().cmp(&other.segments.len()))
    }

    fn matches<'r, 'p>(&'r self, path: &'p str) -> Option<Matched<'r, 'p>> {
        let mut left = path.trim_matches('/');
        let mut at_end = left.is_empty();
        let mut named = Vec::new();
        let mut trailing = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Rest => {
                    trailing = trailing_part(left, path);
                    at_end = true;
                    break;
                }
                Segment::Exact(_) | Segment::Named(_) if at_end => return None,
                Segment::Exact(_) | Segment::Named(_) => {
                    let (first, rest) = left.split_once('/').unwrap_or((left, ""));
                    at_end = !left.contains('/');
                    left = rest;
                    segment.take(first, &mut named)?;
                }
            }
        }
        at_end.then(|| Matched {
            component: &self.component,
            raw_route: &self.raw,
            matched_route: &self.based,
            named,
            trailing,
        })
    }
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Exact(_) => 0,
            Self::Named(_) => 1,
            Self::Rest => 2,
        }
    }

    fn take<'r, 'p>(&'r self, part: &'p str, named: &mut Vec<(&'r str, &'p str)>) -> Option<()> {
        match self {
            Self::Exact(text) => (text == part).then_some(()),
            Self::Named(name) => {
                named.push((name, part));
                Some(())
            }
            Self::Rest => Some(()),
        }
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.trim_matches('/').split('/').filter(|text| !text.is_empty())
}

/// Spin keeps a trailing slash in what `/...` caught.
fn trailing_part(left: &str, path: &str) -> String {
    match (left.is_empty(), path.ends_with('/')) {
        (true, false) => String::new(),
        (true, true) => "/".to_owned(),
        (false, false) => format!("/{left}"),
        (false, true) => format!("/{left}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router {
        Router::new([
            ("/...", "all"),
            ("/v1/health", "health"),
            ("/v1/orders/...", "orders"),
            ("/v1/purchases", "submit"),
            ("/v1/purchases/:id/...", "purchase"),
            ("/v1/purchases/:id", "one"),
            ("/v1/purchases/new", "new"),
            ("/v1/webhooks/:kind", "webhook"),
        ])
    }

    #[test]
    fn the_most_specific_route_wins() {
        for (path, component, trailing) in [
            ("/", "all", "/"),
            ("/other", "all", "/other"),
            ("/v1/health", "health", ""),
            ("/v1/health/", "health", ""),
            ("/v1/health/x", "all", "/v1/health/x"),
            ("/v1/orders", "orders", ""),
            ("/v1/orders/", "orders", "/"),
            ("/v1/orders/1/lines", "orders", "/1/lines"),
            ("/v1/orders/1/", "orders", "/1/"),
            ("/v1/purchases", "submit", ""),
            ("/v1/purchases/7", "one", ""),
            ("/v1/purchases/new", "new", ""),
            ("/v1/purchases/7/refunds", "purchase", "/refunds"),
            ("/v1/webhooks/stripe", "webhook", ""),
            ("/v1/webhooks", "all", "/v1/webhooks"),
        ] {
            let router = router();
            let matched = router.find(path).unwrap();
            assert_eq!((matched.component, matched.trailing.as_str()), (component, trailing));
        }
    }

    #[test]
    fn a_match_tells_its_names_and_its_route() {
        let router = router();
        let matched = router.find("/v1/purchases/7/refunds/8").unwrap();
        assert_eq!(matched.named, [("id", "7")]);
        assert_eq!(matched.raw_route, "/v1/purchases/:id/...");
        assert_eq!(matched.matched_route, "/v1/purchases/:id/...");
        assert_eq!(matched.component_route(), "/v1/purchases/:id");
    }

    #[test]
    fn without_a_catch_all_a_path_can_have_no_route() {
        let router = Router::new([("/a/:b", "a"), ("/c", "c")]);
        for path in ["/", "/a", "/a/1/2", "/c/1", "/cc"] {
            assert!(router.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_later_of_two_equal_routes_counts() {
        let router = Router::new([("/a", "first"), ("/a", "second")]);
        assert_eq!(router.find("/a").unwrap().component, "second");
        assert_eq!(router.routes().count(), 1);
    }
}
