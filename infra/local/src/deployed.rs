use std::collections::HashMap;

use crate::{StartError, provision::physical_name, template::Template};

/// How `template.yaml` deploys a function when no parameter is set.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The function's logical id, by which `sam build` files it.
    pub id: String,
    /// The name of its binary.
    pub binary: String,
    /// Its memory in MB, by which Lambda gives it its share of a processor as well.
    pub memory: u32,
    /// Its environment variables. Tables and bucket have the names that the local stack calls them by.
    pub variables: HashMap<String, String>,
}

/// Every function of the template.
pub fn deployed() -> Result<Vec<Deployed>, StartError> {
    let template = Template::embedded()?;
    let functions = template.functions().map(|(id, binary)| {
        let variables = template.variables(id, &HashMap::new(), |id| physical_name(id, None))?.into_iter().collect();
        Ok(Deployed { id: id.to_owned(), binary: binary.to_owned(), memory: template.memory(id), variables })
    });
    functions.collect()
}
