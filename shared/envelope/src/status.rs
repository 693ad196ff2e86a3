/// A status as it stands on the wire: a code and the text that belongs to it.
///
/// Codes below zero mean the same in every operation and are listed here; codes above zero belong to one
/// operation and stand beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// What clients look at.
    pub code: i64,
    /// What people read.
    pub message: &'static str,
}

impl Status {
    /// Everything went well.
    pub const SUCCESSFUL: Self = Self::new(0, "successful");
    /// The body is not a JSON object, or `type`, `subtype` or `data` is missing.
    pub const ERROR_JSON_KEY: Self = Self::new(-1, "Error JSON key");
    /// `type` or `subtype` is not served at this address, or `data` is not an object.
    pub const ERROR_JSON_VALUE: Self = Self::new(-2, "Error JSON value");
    /// A required key of `data` is missing.
    pub const ERROR_DATA_KEY: Self = Self::new(-3, "Error data key");
    /// A captcha or SMS hash is wrong or has expired.
    pub const ERROR_HASH: Self = Self::new(-4, "Error Hash");
    /// The address has no `token` argument.
    pub const MISSING_NECESSARY_ARGS: Self = Self::new(-100, "Missing necessary args");
    /// The token is unknown or dead.
    pub const ERROR_TOKEN: Self = Self::new(-101, "Error token");
    /// The caller may not do this.
    pub const NO_PERMISSION: Self = Self::new(-103, "No permission to operate");
    /// The token is not that of a device.
    pub const ERROR_DEVICE_TOKEN: Self = Self::new(-104, "Error device_id token");
    /// The tables cannot be reached.
    pub const DATABASE_FAILURE: Self = Self::new(-200, "Failure to operate database");
    /// A required value is empty.
    pub const EMPTY_VALUE: Self = Self::new(-201, "Necessary key-value can't be empty");
    /// A value is of the wrong JSON type.
    pub const VALUE_TYPE_ERROR: Self = Self::new(-203, "Arg's value type error");
    /// A value is malformed, too long or out of range.
    pub const VALUE_ERROR: Self = Self::new(-204, "Arg's value error");
    /// Something happened that was not foreseen.
    pub const UNKNOWN_ERROR: Self = Self::new(-404, "Unknown Error");
    /// Too many tries.
    pub const TOO_MANY_REQUESTS: Self = Self::new(-429, "Too many requests");
    /// The picture store cannot be reached.
    pub const PICTURE_STORE_FAILURE: Self = Self::new(-500, "COS upload Error");

    /// A status of one operation.
    #[must_use]
    pub const fn new(code: i64, message: &'static str) -> Self {
        Self { code, message }
    }
}
