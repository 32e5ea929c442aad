// Shows /openapi.json with the Swagger UI that lies beside this file.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null, // the default one asks a foreign host
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
