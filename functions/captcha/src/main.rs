//! The `captcha` function's Lambda binary.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    function::run::<captcha_function::Captcha>().await
}
