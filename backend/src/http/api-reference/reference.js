// Shows the document that stands in the page. Nothing is called from here: no form to try a call, no sign-in, no settings in the address.
const nothing = () => () => null;

window.SwaggerUIBundle({
  spec: JSON.parse(document.getElementById('document').textContent),
  dom_id: '#reference',
  queryConfigEnabled: false,
  validatorUrl: null,
  supportedSubmitMethods: [],
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  filter: true,
  plugins: [
    { wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing, ServersContainer: nothing } },
  ],
});
