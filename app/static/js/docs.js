/* The API's documentation page. "Try it out" works as the signed-in person: the session's CSRF token goes with it. */
const token = document.querySelector('meta[name="csrf-token"]').content;

window.SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (new URL(request.url, location.href).origin === location.origin) request.headers["X-CSRF-Token"] = token;
    return request;
  },
});
