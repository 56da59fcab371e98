//! `spin:variables`: a component's own variables, under its own names.

use crate::bindings::variables::{Error, Host, HostWithStore};
use crate::guest::{Guest, Imports};
use wasmtime::component::Accessor;

impl Host for Guest {}

impl<T: Send> HostWithStore<T> for Imports {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        if let Err(fault) = manifest::check_name(&name) {
            return Ok(Err(Error::InvalidName(fault)));
        }
        Ok(accessor.with(|mut access| {
            let component = &access.get().component;
            let value = component.variables.get(&name).cloned();
            value.ok_or_else(|| {
                Error::Undefined(format!("no variable for {:?}.{name:?}", component.id))
            })
        }))
    }
}
