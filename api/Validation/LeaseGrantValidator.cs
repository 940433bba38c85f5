using FluentValidation;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;

namespace RestKv.Api.Validation;

/// <summary>A lease needs a lifetime; an id, if given, is one.</summary>
internal sealed class LeaseGrantValidator : AbstractValidator<LeaseGrantRequest>
{
    public LeaseGrantValidator()
    {
        RuleFor(request => request.Ttl)
            .Must(ttl => ttl is { } given && JsonDuration.ReadTtl(given, "", out _) is null)
            .OverridePropertyName("ttl")
            .WithErrorCode(ProblemCatalog.BadDuration.Code)
            .WithMessage($"ttl is \"30s\", \"5m\" or a number of seconds, from 1 to {HttpLimits.TtlSecondsMax} seconds");
        RuleFor(request => request.Id)
            .Must(id => id is null || LeaseText.TryParse(id, out _))
            .OverridePropertyName("id")
            .WithErrorCode(ProblemCatalog.Validation.Code)
            .WithMessage("id is 1 to 16 hexadecimal digits, not all zero");
    }
}
