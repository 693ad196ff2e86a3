use aws_sdk_dynamodb::{
    config::{
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction},
    },
    error::ProvideErrorMetadata,
};

/// Makes the SDK try a single write again that met a transaction on the same item.
///
/// The SDK does not by itself, and what two callers may do at once must not fail for either.
#[derive(Debug)]
pub(crate) struct TransactionConflicts;

impl ClassifyRetry for TransactionConflicts {
    fn name(&self) -> &'static str {
        "TransactionConflicts"
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let code = context.output_or_error().and_then(Result::err).and_then(|error| {
            let error = error.as_operation_error()?;
            error
                .downcast_ref::<aws_sdk_dynamodb::operation::update_item::UpdateItemError>()
                .and_then(ProvideErrorMetadata::code)
                .or_else(|| {
                    error
                        .downcast_ref::<aws_sdk_dynamodb::operation::delete_item::DeleteItemError>()
                        .and_then(ProvideErrorMetadata::code)
                })
                .or_else(|| {
                    error
                        .downcast_ref::<aws_sdk_dynamodb::operation::put_item::PutItemError>()
                        .and_then(ProvideErrorMetadata::code)
                })
        });
        if code == Some("TransactionConflictException") {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }
}
