namespace RestKv.Api.Validation;

/// <summary>Passwords that are guessed first. Short ones are refused anyway, so these are the long ones that people think of.</summary>
internal static class WeakPasswords
{
    private static readonly string[] Stems =
    [
        "password", "passw0rd", "qwertyuiop", "qwerty", "asdfghjkl", "letmein", "welcome", "administrator", "admin", "root",
        "changeme", "iloveyou", "monkey", "dragon", "football", "baseball", "princess", "sunshine", "superman", "master", "login",
        "secret", "test", "guest", "default", "1q2w3e4r5t6y", "1qaz2wsx3edc", "zaq12wsx", "restkv", "etcd",
    ];

    private static readonly string[] Runs =
        ["01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm"];

    /// <param name="name">Of the user: nobody's password may be their name.</param>
    public static bool Contains(string password, string? name)
    {
        if (password.Length is < AuthRules.PasswordLengthMin or > AuthRules.PasswordLengthMax || password.Distinct().Count() < 5)
        {
            return true;
        }

        // What people put before and after a word to make it long enough.
        var plain = password.ToLowerInvariant().Trim('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '!', '.', '-', '_', '?', '#', '$');
        return plain.Length == 0
            || Array.Exists(Runs, run => run.Contains(plain, StringComparison.Ordinal))
            || Array.Exists(Stems, stem => plain == stem || plain == stem + stem)
            || (name is not null && string.Equals(plain, name, StringComparison.OrdinalIgnoreCase));
    }
}
