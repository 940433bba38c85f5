using System.Text.RegularExpressions;
using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Validation;

/// <summary>What names, passwords and permissions look like on the native API. etcd's clients may use others.</summary>
internal static partial class AuthRules
{
    public const int PasswordLengthMin = 12;
    public const int PasswordLengthMax = 1024;
    private const int ListMax = 1_000;

    public static void AddName<T>(this AbstractValidator<T> validator, Func<T, string?> name, string property) =>
        validator.RuleFor(request => name(request))
            .Must(text => text is not null && NamePattern().IsMatch(text))
            .OverridePropertyName(property)
            .WithErrorCode(ProblemCatalog.InvalidName.Code)
            .WithMessage($"{property} is 1 to 64 letters, digits, dots, dashes and underscores");

    public static void AddPassword<T>(this AbstractValidator<T> validator, Func<T, string?> password, Func<T, string?> name) =>
        validator.RuleFor(request => password(request))
            .Must((request, text) => text is null || !WeakPasswords.Contains(text, name(request)))
            .OverridePropertyName("password")
            .WithErrorCode(ProblemCatalog.WeakPassword.Code)
            .WithMessage($"a password has {PasswordLengthMin} to {PasswordLengthMax} characters, and is none that everybody tries first");

    public static void AddRoles<T>(this AbstractValidator<T> validator, Func<T, IReadOnlyList<string>?> roles) =>
        validator.RuleFor(request => roles(request))
            .Must(names => names is null or { Count: <= ListMax } && names?.Any(string.IsNullOrEmpty) != true)
            .OverridePropertyName("roles")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage($"roles is a list of up to {ListMax} names");

    public static void AddPermissions<T>(
        this AbstractValidator<T> validator, Func<T, IReadOnlyList<PermissionRequest>?> permissions, string property, bool isRequired)
    {
        validator.RuleFor(request => permissions(request))
            .Must(list => list is null ? !isRequired : list.Count <= ListMax)
            .OverridePropertyName(property)
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage($"{property} is a list of up to {ListMax} permissions");
        validator.RuleForEach(request => permissions(request))
            .Must(permission => PermissionText.TryParse(permission?.Access, out _))
            .OverridePropertyName(property)
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage("access is r, w, rw or admin");
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

/// <summary>Both parts are due; an empty password may be etcd's.</summary>
internal sealed class LoginValidator : AbstractValidator<LoginRequest>
{
    public LoginValidator()
    {
        RuleFor(request => request.User)
            .NotEmpty().MaximumLength(AuthRules.PasswordLengthMax).OverridePropertyName("user")
            .WithErrorCode(ProblemCatalog.Validation.Code).WithMessage("user is due");
        RuleFor(request => request.Password)
            .Must(text => text is { Length: <= AuthRules.PasswordLengthMax }).OverridePropertyName("password")
            .WithErrorCode(ProblemCatalog.Validation.Code).WithMessage("password is due");
    }
}

/// <summary>Something to watch.</summary>
internal sealed class TicketValidator : AbstractValidator<TicketRequest>
{
    private const int RangesMax = 64;

    public TicketValidator() =>
        RuleFor(request => request.Ranges)
            .Must(ranges => ranges is { Count: > 0 and <= RangesMax } && ranges.All(range => range is not null))
            .OverridePropertyName("ranges")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage($"ranges has 1 to {RangesMax} keys, prefixes or ranges");
}

/// <summary>A new user.</summary>
internal sealed class UserAddValidator : AbstractValidator<UserAddRequest>
{
    public UserAddValidator()
    {
        this.AddName(request => request.Name, "name");
        this.AddPassword(request => request.Password, request => request.Name);
        this.AddRoles(request => request.Roles);
    }
}

/// <summary>Something must be changed.</summary>
internal sealed class UserChangeValidator : AbstractValidator<UserChangeRequest>
{
    public UserChangeValidator()
    {
        this.AddPassword(request => request.Password, _ => null);
        this.AddRoles(request => request.Roles);
        RuleFor(request => request)
            .Must(request => (request.Password is null) != (request.Roles is null))
            .OverridePropertyName("password")
            .WithErrorCode(ProblemCatalog.InvalidFieldCombination.Code)
            .WithMessage("exactly one of password and roles is due: two changes are two requests, so that each is done or not");
    }
}

/// <summary>A new role.</summary>
internal sealed class RoleAddValidator : AbstractValidator<RoleAddRequest>
{
    public RoleAddValidator()
    {
        this.AddName(request => request.Name, "name");
        this.AddPermissions(request => request.Permissions, "permissions", isRequired: false);
    }
}

/// <summary>What a role is for.</summary>
internal sealed class RoleSetValidator : AbstractValidator<RoleSetRequest>
{
    public RoleSetValidator() => this.AddPermissions(request => request.Permissions, "permissions", isRequired: true);
}

/// <summary>A new token.</summary>
internal sealed class TokenAddValidator : AbstractValidator<TokenAddRequest>
{
    public TokenAddValidator()
    {
        this.AddName(request => request.Name, "name");
        this.AddRoles(request => request.Roles);
        this.AddPermissions(request => request.Scope, "scope", isRequired: false);
        RuleFor(request => request.Ttl)
            .Must(ttl => ttl is null || (JsonDuration.TryReadSeconds(ttl.Value, out var seconds) && seconds is > 0 and <= TtlSecondsMax))
            .OverridePropertyName("ttl")
            .WithErrorCode(ProblemCatalog.BadDuration.Code)
            .WithMessage("ttl is \"90d\", \"12h\" or a number of seconds, up to ten years");
    }

    private const long TtlSecondsMax = 10L * 366 * 86_400;
}

/// <summary>On or off.</summary>
internal sealed class AuthSwitchValidator : AbstractValidator<AuthSwitchRequest>
{
    public AuthSwitchValidator()
    {
        RuleFor(request => request.Enabled)
            .NotNull().OverridePropertyName("enabled")
            .WithErrorCode(ProblemCatalog.Validation.Code).WithMessage("enabled is true or false");
        RuleFor(request => request.Password)
            .Must(text => text is null or { Length: <= AuthRules.PasswordLengthMax }).OverridePropertyName("password")
            .WithErrorCode(ProblemCatalog.Validation.Code).WithMessage("the password is too long");
    }
}

/// <summary>May who do what?</summary>
internal sealed class AccessCheckValidator : AbstractValidator<AccessCheckRequest>
{
    public AccessCheckValidator() =>
        RuleFor(request => request.Access)
            .Must(text => PermissionText.TryParse(text, out _)).OverridePropertyName("access")
            .WithErrorCode(ProblemCatalog.Validation.Code).WithMessage("access is r, w, rw or admin");
}
