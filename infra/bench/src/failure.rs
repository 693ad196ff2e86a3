/// Why a measurement could not be made. Whoever runs the benchmark reads it; nothing depends on its kind.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
