// Shows the document of this very stack. Nothing is asked of anybody else.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayOperationId: false,
  tryItOutEnabled: true,
  validatorUrl: "none",
});
