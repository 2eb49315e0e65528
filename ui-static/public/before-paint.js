// Sets theme and language before the first paint, so that nothing flashes. Plain and tiny on purpose.
(function () {
    try {
        var theme = localStorage.getItem('umlauf.theme');
        if (theme === 'light' || theme === 'dark') {
            document.documentElement.setAttribute('data-kern-theme', theme);
        }
        var language = localStorage.getItem('umlauf.language');
        if (language === 'en' || language === 'de') {
            document.documentElement.lang = language;
        }
    } catch {
        // Storage may be forbidden; then the system's theme and German stay.
    }
})();
