//! Who asks, and what they may see.

use crate::jwt::{Claims, verify};
use crate::{Ctx, Problem, Request};
use domain::{Actor, Order};
use http::header;
use subtle::ConstantTimeEq;

/// What somebody is to the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Buyer,
    Merchant,
    Warehouse,
    Support,
    Finance,
    Operator,
}

impl Role {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "buyer" => Self::Buyer,
            "merchant" => Self::Merchant,
            "warehouse" => Self::Warehouse,
            "support" => Self::Support,
            "finance" => Self::Finance,
            "operator" => Self::Operator,
            _ => return None,
        })
    }
}

/// Somebody with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub sub: String,
    pub role: Role,
    pub merchant: Option<String>,
    pub warehouse: Option<String>,
}

impl Principal {
    fn from_claims(claims: &Claims) -> Option<Self> {
        let role = Role::parse(&claims.role)?;
        let (merchant, warehouse) = (claims.merchant.clone(), claims.warehouse.clone());
        // A merchant's or a warehouse's token that names none would be everybody's.
        match (role, &merchant, &warehouse) {
            (Role::Merchant, None, _) | (Role::Warehouse, _, None) => None,
            _ => Some(Self { sub: claims.sub.clone(), role, merchant, warehouse }),
        }
    }

    /// For the journal.
    pub fn actor(&self) -> Actor {
        let id = self.sub.clone();
        match self.role {
            Role::Buyer => Actor::Buyer(id),
            Role::Merchant => Actor::Merchant(id),
            Role::Warehouse => Actor::Warehouse(id),
            Role::Support => Actor::Support(id),
            Role::Finance => Actor::Finance(id),
            Role::Operator => Actor::Operator(id),
        }
    }

    /// May see an order: a buyer their own, a merchant theirs, the platform's people all. What
    /// somebody may not see does not exist for them.
    pub fn may_see(&self, order: &Order) -> Result<(), Problem> {
        let sees = match self.role {
            Role::Buyer => order.buyer.as_str() == self.sub,
            Role::Merchant => self.merchant.as_deref() == Some(order.merchant.as_str()),
            Role::Warehouse => {
                let here =
                    |h: &domain::Held| Some(h.warehouse.as_str()) == self.warehouse.as_deref();
                order.lines.iter().any(|l| l.held.iter().any(here))
            }
            Role::Support | Role::Finance | Role::Operator => true,
        };
        if sees { Ok(()) } else { Err(Problem::not_found("order")) }
    }

    /// May act for a merchant: the merchant's own people, and the platform's.
    pub fn acts_for(&self, merchant: &str) -> Result<(), Problem> {
        match self.role {
            Role::Merchant if self.merchant.as_deref() == Some(merchant) => Ok(()),
            Role::Support | Role::Finance | Role::Operator => Ok(()),
            Role::Buyer | Role::Merchant | Role::Warehouse => {
                Err(Problem::forbidden("only for the merchant's own people"))
            }
        }
    }

    /// May act in a warehouse: its own people, and operators.
    pub fn works_at(&self, warehouse: &str) -> Result<(), Problem> {
        match self.role {
            Role::Warehouse if self.warehouse.as_deref() == Some(warehouse) => Ok(()),
            Role::Operator => Ok(()),
            Role::Buyer | Role::Merchant | Role::Warehouse | Role::Support | Role::Finance => {
                Err(Problem::forbidden("only for the warehouse's own people"))
            }
        }
    }
}

fn bearer(request: &Request) -> Result<&str, Problem> {
    let value = request.header(header::AUTHORIZATION.as_str()).unwrap_or_default();
    let token = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    token
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Problem::unauthorized("no_token", "a bearer token is needed"))
}

impl Ctx {
    /// The bearer of the request's token, who must have one of these roles.
    pub async fn principal(&self, request: &Request, roles: &[Role]) -> Result<Principal, Problem> {
        let token = bearer(request)?;
        let not_believed =
            |e: crate::jwt::NotBelieved| Problem::unauthorized("bad_token", e.to_string());
        let known = self.known_token(token);
        let claims = match known {
            Some(claims) => claims,
            None => {
                let claims =
                    verify(token, &self.variable("auth_jwks").await?).map_err(not_believed)?;
                self.remember_token(token, &claims);
                claims
            }
        };
        claims.at(self.now().0).map_err(not_believed)?;
        let principal = Principal::from_claims(&claims)
            .ok_or_else(|| Problem::unauthorized("bad_token", "the token names no role of ours"))?;
        if roles.contains(&principal.role) {
            Ok(principal)
        } else {
            Err(Problem::forbidden("this role may not do that"))
        }
    }

    /// The scheduler's own token.
    pub async fn scheduler(&self, request: &Request) -> Result<(), Problem> {
        let right = self.variable("scheduler_token").await?;
        let given = bearer(request)?;
        if !right.is_empty() && bool::from(given.as_bytes().ct_eq(right.as_bytes())) {
            Ok(())
        } else {
            Err(Problem::unauthorized("bad_token", "not the scheduler's token"))
        }
    }
}
