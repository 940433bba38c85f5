using System.Text.RegularExpressions;
using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;

namespace RestKv.Api.Validation;

/// <summary>What names and addresses of members look like.</summary>
internal static partial class MemberRules
{
    private const int UrlsMax = 16;

    public static void AddName<T>(this AbstractValidator<T> validator, bool isRequired)
        where T : IMemberContract =>
        validator.RuleFor(request => request.Name)
            .Must(name => name is null ? !isRequired : NamePattern().IsMatch(name))
            .OverridePropertyName("name")
            .WithErrorCode(ProblemCatalog.InvalidName.Code)
            .WithMessage("name is 1 to 64 letters, digits, dots, dashes and underscores");

    public static void AddPeerUrls<T>(this AbstractValidator<T> validator, Func<T, IReadOnlyList<string>?> urls, bool isRequired) =>
        validator.RuleFor(request => urls(request))
            .Must(given => given is null ? !isRequired : given.Count is > 0 and <= UrlsMax && given.All(IsAddress))
            .OverridePropertyName("peerUrls")
            .WithErrorCode(ProblemCatalog.InvalidPeerUrl.Code)
            .WithMessage($"peerUrls is 1 to {UrlsMax} of http://host:port or https://host:port");

    private static bool IsAddress(string? text) =>
        text is { Length: <= 256 } && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url is { PathAndQuery: "/", UserInfo: "", Fragment: "", Port: > 0 };

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

/// <summary>A newcomer needs a name and an address.</summary>
internal sealed class MemberAddValidator : AbstractValidator<MemberAddRequest>
{
    public MemberAddValidator()
    {
        this.AddName(isRequired: true);
        this.AddPeerUrls(request => request.PeerUrls, isRequired: true);
    }
}

/// <summary>What is left out stays as it was.</summary>
internal sealed class MemberReplaceValidator : AbstractValidator<MemberReplaceRequest>
{
    public MemberReplaceValidator()
    {
        this.AddName(isRequired: false);
        this.AddPeerUrls(request => request.PeerUrls, isRequired: false);
    }
}

/// <summary>Somebody must be named.</summary>
internal sealed class LeaderValidator : AbstractValidator<LeaderRequest>
{
    public LeaderValidator() =>
        RuleFor(request => request.Member)
            .NotEmpty()
            .OverridePropertyName("member")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage("member is the id or the name of a voter");
}

/// <summary>There is only the address to change.</summary>
internal sealed class MemberUpdateValidator : AbstractValidator<MemberUpdateRequest>
{
    public MemberUpdateValidator() => this.AddPeerUrls(request => request.PeerUrls, isRequired: true);
}
