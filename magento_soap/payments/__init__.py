"""Payment methods: Magento's offline ones, and the place where gateways plug in."""
