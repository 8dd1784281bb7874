"""Payment methods: Magento's offline methods, the HTTP gateway, and the registry through which plugins are found."""
